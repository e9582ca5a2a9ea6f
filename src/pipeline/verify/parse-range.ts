import { InputError } from '../../sources/input-error.ts';

interface Mark {
  readonly at: number;
  readonly name: string;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * `FROM..TO` in milliseconds since 1970. An end is an ISO 8601 time (UTC where it names no zone), the name of a mark (of
 * several, the last), `-3h` before the end of the recording, or nothing.
 */
export function parseRange(
  text: string,
  last: number,
  marks: readonly Mark[],
): { readonly from?: number; readonly to?: number } {
  const cut = text.indexOf('..');
  if (cut < 0) throw refused(text, 'is no range', marks);
  const from = parseEnd(text.slice(0, cut).trim(), last, marks);
  const to = parseEnd(text.slice(cut + 2).trim(), last, marks);
  if (from !== undefined && to !== undefined && from >= to) throw refused(text, 'ends before it begins', marks);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function parseEnd(text: string, last: number, marks: readonly Mark[]): number | undefined {
  if (text === '') return undefined;
  const mark = marks.findLast(({ name }) => name === text);
  if (mark) return mark.at;
  const [, amount, unit = ''] = /^-(\d{1,6}(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return last - Number(amount) * (SECONDS[unit] ?? 0) * 1000;
  if (/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)) {
    const zoned = /Z|[+-]\d\d:?\d\d$/.test(text.slice(10)) || text.length === 10;
    const at = Date.parse(zoned ? text : `${text.replace(' ', 'T')}Z`);
    if (!Number.isNaN(at)) return at;
  }
  throw refused(text, 'is neither a time nor a mark of the recording', marks);
}

function refused(text: string, problem: string, marks: readonly Mark[]): InputError {
  const names = [...new Set(marks.map(({ name }) => name))].slice(-5);
  const known = names.length > 0 ? `marks there: ${names.join(', ')}` : 'it has no marks';
  return new InputError(text, problem, `give FROM..TO, each as 2026-09-14T08:00, -3h, a mark, or nothing (${known})`);
}
