import type { Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';

/** A number that a `name value` row gives, in whatever unit its file uses. */
export interface NamedCount {
  readonly count: number;
  readonly at: Provenance;
}

/** Numbers by the kernel's own names. */
export type NamedCounts = ReadonlyMap<string, NamedCount>;

const ROW = /^\s*([a-z][a-z0-9_]*)\s+(\d+)\s*$/;
const NAMED = /^\s*([a-z][a-z0-9_]*)(?:\s|$)/;

/** The name of a `name value` row, or undefined where the line is none. */
export const namedRow = (text: string): string | undefined => ROW.exec(text)?.[1];

/**
 * How many lines from `at` on are rows, up to the first name that comes again (the next moment's file begins there).
 * Bridges `gap` foreign lines in a row. `name` gives a row's name, or undefined where a line is no row.
 */
export function claimUnrepeated(
  lines: readonly TextLine[],
  at: number,
  name: (text: string) => string | undefined,
  gap: number,
): number {
  const seen = new Set<string>();
  let end = at;
  for (let i = at; i < lines.length && i - end <= gap; i++) {
    const found = name(lines[i]?.text ?? '');
    if (found === undefined) continue;
    if (seen.has(found)) break;
    seen.add(found);
    end = i + 1;
  }
  return end - at;
}

/**
 * Reads `name value` rows. Values beyond exact numbers are wrapped negative counters and are reported; those of
 * `limits` mean that there is no limit and are passed over.
 */
export function readNamedCounts(
  format: string,
  lines: readonly TextLine[],
  file: string,
  limits?: RegExp,
): { readonly counts: NamedCounts; readonly problems: readonly Problem[] } {
  const counts = new Map<string, NamedCount>();
  const problems: Problem[] = [];
  for (const { text, number } of lines) {
    const at = { kind: 'line', file, line: number } as const;
    const [, name, digits] = ROW.exec(text) ?? [];
    if (name !== undefined && isQuantity(Number(digits))) counts.set(name, { count: Number(digits), at });
    else if (NAMED.test(text) && !(name !== undefined && limits?.test(name)))
      problems.push({ problem: `${format}: unreadable row`, at });
  }
  return { counts, problems };
}
