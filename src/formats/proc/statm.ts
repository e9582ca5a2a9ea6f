import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, pages, type Pages } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { isNamed, isWholeInput } from './standing-alone.ts';

/** Memory of one process. */
export interface Statm {
  readonly size: Pages;
  readonly resident: Pages;
  /** Resident pages of files and shared memory. */
  readonly shared: Pages;
  readonly at: Provenance;
}

const ROW = /^\s*(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)\s*$/;

/** The seven numbers, or none where the line has not exactly seven exact ones. */
function numbersOf(line: string): readonly number[] {
  const row = ROW.exec(line)?.slice(1).map(Number) ?? [];
  return row.every(isQuantity) ? row : [];
}

/** inode-state has seven numbers too, the last five of them 0; so has the statm of a kernel thread, which says nothing. */
function isPlausible(row: readonly number[]): boolean {
  const [size = 0, resident = 0, shared = 0, text = 0, lib, , dt] = row;
  return lib === 0 && dt === 0 && text > 0 && resident <= size && shared <= resident;
}

/**
 * `/proc/PID/statm`: seven numbers of pages on one line.
 *
 * Written by fs/proc/array.c, proc_pid_statm(): size resident shared text lib data dt. Since 2.6 `lib` and `dt` are 0.
 */
export const statm: TextFormat<'statm', Statm> = {
  kind: 'statm',
  looksFor: 'a lone line of seven numbers, such as "732 442 413 6 0 89 0"',
  many: true,

  claim(lines, at) {
    const row = numbersOf(lines[at]?.text ?? '');
    if (row.length !== 7) return 0;
    if (isNamed(lines, at, /\bstatm\b/)) return 1;
    return isPlausible(row) && isWholeInput(lines, 1) ? 1 : 0;
  },

  parse(lines, file): Parsed<Statm> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const row = numbersOf(lines[0]?.text ?? '');
    if (row.length !== 7) throw new FormatError('statm', 'not seven numbers', at);
    const [size = 0, resident = 0, shared = 0] = row;
    return { value: { size: pages(size), resident: pages(resident), shared: pages(shared), at }, problems: [] };
  },
};
