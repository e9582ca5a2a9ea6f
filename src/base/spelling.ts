/** Amounts in words, rounded to what is known. Used wherever a sentence is made; documents keep exact numbers. */

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `92.7 GiB`, `768 KiB`, `96 bytes`; three digits at most. */
export function spellBytes(n: number): string {
  let size = Math.abs(n);
  let unit = 0;
  while (size >= 1023.5 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${n < 0 ? '−' : ''}${size.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** `29,974`, `1.77 million`. */
export function spellCount(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(2)} billion`;
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} million`;
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Bytes per hour as people say it: by the hour where that is at least a MiB, else by the day. */
export function spellRate(perHour: number): string {
  return Math.abs(perHour) >= 1024 * 1024 ? `${spellBytes(perHour)}/h` : `${spellBytes(perHour * 24)} a day`;
}

/** `74 %`, `0.9 %`, `0.04 %`. */
export const spellShare = (share: number): string =>
  `${(share * 100).toFixed(share > 0 && share < 0.00095 ? 2 : share < 0.0995 ? 1 : 0)} %`;

/** `8 s`, `12 min`, `3.5 h`, `9 days`. */
export function spellDuration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `1 object`, `33 objects`, `1.77 million objects`. */
export const spellThings = (n: number, one: string): string => `${spellCount(n)} ${n === 1 ? one : `${one}s`}`;

/** `Thu Nov 26 11:10:20 UTC 2026`, of seconds since 1970: as the C library's date. */
export function spellMoment(seconds: number): string {
  const parts = new Date(seconds * 1000).toUTCString().replace(',', '').split(' ');
  const [day = '', date = '', month = '', year = '', time = ''] = parts;
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} UTC ${year}`;
}
