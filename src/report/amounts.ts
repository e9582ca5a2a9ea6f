const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const MIB = 1024 ** 2;
const MINUS = '−';

/** `92.7 GiB`, `768 KiB`, `512 B`; three or four digits, as people read them. Takes differences too. */
export function spellBytes(bytes: number): string {
  const { value, unit } = scaled(bytes);
  return `${value} ${unit}`;
}

/** `between 92.1 and 93.4 GiB`: both ends in one unit, that of the larger; `about 2.0 MiB` where they look the same. */
export function spellBytesBetween(low: number, high: number): string {
  const to = scaled(high);
  const from = digits(low / 1024 ** to.power, to.power);
  return from === to.value ? `about ${to.value} ${to.unit}` : `between ${from} and ${to.value} ${to.unit}`;
}

/** `4.2 MiB/h`; where an hour is less than 1 MiB, `7.2 MiB per day`. */
export function spellRate(bytesPerHour: number): string {
  return Math.abs(bytesPerHour) < MIB ? `${spellBytes(bytesPerHour * 24)} per day` : `${spellBytes(bytesPerHour)}/h`;
}

/** `29,974`; from a million on `1.77 million`, from a milliard on `1.2 billion`. */
export function spellCount(count: number): string {
  const size = Math.abs(count);
  if (size >= 999.5e6) return `${trimmed(count / 1e9)} billion`;
  if (size >= 1e6) return `${trimmed(count / 1e6)} million`;
  return grouped(count);
}

/** `1,164,000`: every digit. */
export const grouped = (count: number): string =>
  Math.round(count)
    .toString()
    .replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
    .replace('-', MINUS);

/** A share of 1 in percent: `74 %`, `0.4 %`, `< 0.1 %`. Never `100 %` or `0 %` for what is only nearly so. */
export function spellShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  if (percent < 0.95) return `${percent.toFixed(1)} %`;
  return percent > 99 && percent < 100 ? `${(Math.floor(percent * 10) / 10).toString()} %` : `${percent.toFixed(0)} %`;
}

/** `0.9`, `0.93`, `0.99`: two digits; never 1 for what is less. */
export function spellConfidence(confidence: number): string {
  const rounded = Math.round(confidence * 100) / 100;
  return (rounded === 1 && confidence < 1 ? 0.99 : rounded).toString();
}

/** Hours in the unit people would take: `9.6 seconds`, `40 minutes`, `11 hours`, `12 days`, `7 weeks`, `3 years`. */
export function spellHours(hours: number): string {
  if (hours < 1 / 40) return plural(Number((hours * 3600).toPrecision(2)), 'second');
  if (hours < 1.5) return plural(Math.round(hours * 60), 'minute');
  if (hours < 48) return plural(hours < 10 ? Math.round(hours * 2) / 2 : Math.round(hours), 'hour');
  const days = hours / 24;
  if (days < 21) return plural(days < 5 ? Math.round(days * 2) / 2 : Math.round(days), 'day');
  if (days < 365) return plural(Math.round(days / 7), 'week');
  return days < 36_500 ? plural(Math.round(days / 365.25), 'year') : 'more than a century';
}

/** `2026-09-26 16:00 UTC` of an ISO 8601 time in UTC; whatever else it is stays as it is. */
export const spellTime = (iso: string): string =>
  iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z$/, '$1 $2 UTC');

/** `1 finding`, `29,974 objects`. */
export const plural = (count: number, noun: string): string =>
  `${spellCountOrHalf(count)} ${noun}${count === 1 ? '' : 's'}`;

const spellCountOrHalf = (count: number): string => (Number.isInteger(count) ? spellCount(count) : count.toFixed(1));

function scaled(bytes: number): { readonly value: string; readonly unit: string; readonly power: number } {
  const size = Math.abs(bytes);
  // 1023.95 MiB would be written 1024 MiB: the next unit is due as soon as the rounded figure reaches it.
  let power = 0;
  while (power < UNITS.length - 1 && size / 1024 ** power >= 1023.5) power++;
  return { value: digits(bytes / 1024 ** power, power), unit: UNITS[power] ?? 'B', power };
}

/** One decimal where it says something: always from GiB on, below 100 for MiB, below 10 for broken KiB. */
function digits(value: number, power: number): string {
  const size = Math.abs(value);
  const decimal = power >= 3 || (power === 2 && size < 99.95) || (power === 1 && size < 9.95 && size % 1 !== 0);
  const text = size.toFixed(decimal ? 1 : 0);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** Three digits at most, no trailing zeros: 1.77, 22.1, 300. */
const trimmed = (value: number): string => Number(value.toPrecision(3)).toString().replace('-', MINUS);
