import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { isWholeInput } from './standing-alone.ts';

/** A number that somebody kept in a file of its own, taken for the sum of the processes' PSS in KiB. */
export interface PssSum {
  readonly pss: Bytes;
  readonly at: Provenance;
}

const ROW = /^\s*(\d{1,12})\s*$/;
/** The programs of no system fit into less; settings of the kernel, which are files with one number too, mostly do. */
const LEAST = 1_000;

/**
 * The sum of the `Pss:` lines of every process's smaps in KiB, as a pipeline of grep and awk prints it, kept in a file.
 *
 * A bare number could be anything, so it is taken only where it is the whole input.
 */
export const pssSum: TextFormat<'pss-sum', PssSum> = {
  kind: 'pss-sum',
  looksFor: 'an input that is one number: the sum of PSS over all processes, in kB',
  many: true,

  claim(lines, at) {
    const digits = ROW.exec(lines[at]?.text ?? '')?.[1];
    return Number(digits) >= LEAST && isWholeInput(lines, 1) ? 1 : 0;
  },

  parse(lines, file): Parsed<PssSum> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const sum = Number(ROW.exec(lines[0]?.text ?? '')?.[1] ?? NaN);
    if (!isQuantity(sum * 1024)) throw new FormatError('pss-sum', 'not one number', at);
    return { value: { pss: kibibytes(sum), at }, problems: [] };
  },
};
