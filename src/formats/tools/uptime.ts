const UP =
  /^\s*(?:\d{1,2}:\d\d(?::\d\d)?\s*(?:[ap]m)?\s+)?up\s+(?:(\d{1,5})\s+days?(?:,\s*|\s*$))?(?:(\d{1,2}):(\d\d)|(\d{1,4})\s+min|(\d{1,4})\s+hours?,\s*(\d{1,2})\s+min|(\d{1,2})\s+sec)?/;
/** What follows the time up: users, the load, or nothing, so that no sentence is taken for it. */
const REST = /^s?(?:utes?|onds?)?\s*(?:,\s*(?:\d+\s+users?\b.*|load average.*)?)?$/;

/** Seconds since boot in the output of uptime or `w`; undefined for any other line. Exact to a minute. */
export function readUptime(text: string): number | undefined {
  if (text.length > 200) return undefined;
  const match = UP.exec(text);
  if (!match || !REST.test(text.slice(match[0].length).trimEnd())) return undefined;
  const [, days, hours, minutes, onlyMinutes, wordHours, wordMinutes, secs] = match;
  const parts = [days, hours, minutes, onlyMinutes, wordHours, secs];
  if (parts.every((p) => p === undefined)) return undefined;
  const n = (part: string | undefined): number => Number(part ?? 0);
  return (
    n(days) * 86_400 + (n(hours) + n(wordHours)) * 3600 + (n(minutes) + n(onlyMinutes) + n(wordMinutes)) * 60 + n(secs)
  );
}
