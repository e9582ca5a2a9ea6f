import { zoneOffsetSeconds } from './zones.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONE = String.raw`(?:\s?(Z|[+-]\d\d(?::?\d\d)?|[A-Z]{2,5}))?`;
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?(?:\s([AP]M))?`;
/** `Wed Jun 29 10:24:15 CEST 2022`, the zone may be missing (ctime). */
const POSIX = new RegExp(String.raw`^[A-Z][a-z]{2}\s+([A-Z][a-z]{2})\s+(\d{1,2})\s+${CLOCK}${ZONE}\s+(\d{4})$`);
/** `Tue 29 Jul 2025 04:00:02 AM MSK`, glibc's newer English locales. */
const DAY_FIRST = new RegExp(String.raw`^[A-Z][a-z]{2},?\s+(\d{1,2})\s+([A-Z][a-z]{2})\s+(\d{4})\s+${CLOCK}${ZONE}$`);
/** `Fri 07 Feb 09:15:30 GMT 2020`, as glibc's British locale prints it. */
const DAY_THEN_YEAR = new RegExp(
  String.raw`^[A-Z][a-z]{2},?\s+(\d{1,2})\s+([A-Z][a-z]{2})\s+${CLOCK}${ZONE}\s+(\d{4})$`,
);
const ISO = new RegExp(
  String.raw`^(\d{4})-(\d\d)-(\d\d)(?:[T_]|\s{1,2})(\d\d)[:-](\d\d)(?:[:-](\d\d)(?:[.,]\d{1,9})?)?${ZONE}$`,
);

/** Seconds since 1970 of a line that is a date and nothing else; undefined for any other. */
export function readDate(text: string): number | undefined {
  if (text.length > 60) return undefined;
  const posix = POSIX.exec(text);
  if (posix) {
    const [, month, day, h, m, s, half, zone, year] = posix;
    return epoch(year, monthOf(month), day, hourOf(h, half), m, s, zone);
  }
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) {
    const [, day, month, year, h, m, s, half, zone] = dayFirst;
    return epoch(year, monthOf(month), day, hourOf(h, half), m, s, zone);
  }
  const british = DAY_THEN_YEAR.exec(text);
  if (british) {
    const [, day, month, h, m, s, half, zone, year] = british;
    return epoch(year, monthOf(month), day, hourOf(h, half), m, s, zone);
  }
  const [, year, month, day, h, m, s, zone] = ISO.exec(text) ?? [];
  return year === undefined ? undefined : epoch(year, Number(month), day, Number(h), m, s, zone);
}

const monthOf = (name: string | undefined): number => MONTHS.indexOf((name ?? '').toLowerCase()) + 1;

function hourOf(hour: string | undefined, half: string | undefined): number {
  const h = Number(hour);
  return half === undefined ? h : (h % 12) + (half === 'PM' ? 12 : 0);
}

function epoch(
  year: string | undefined,
  month: number,
  day: string | undefined,
  hour: number,
  minute: string | undefined,
  second: string | undefined,
  zone: string | undefined,
): number | undefined {
  const inRange =
    month >= 1 && month <= 12 && Number(day) >= 1 && Number(day) <= 31 && hour < 24 && Number(minute) < 60;
  if (!inRange) return undefined;
  return (
    Date.UTC(Number(year), month - 1, Number(day), hour, Number(minute), Number(second ?? 0)) / 1000 -
    zoneOffsetSeconds(zone)
  );
}
