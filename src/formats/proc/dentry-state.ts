import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { standsAlone } from './standing-alone.ts';

/** The directory entry cache. A count that the kernel printed below zero (an overflow of its counter) is absent. */
export interface DentryStateFile {
  readonly dentries?: number;
  readonly unused?: number;
  /**
   * The fifth number: negative dentries since 5.0 (and in some distributions' older kernels); before, a dummy that is
   * always 0. A 0 therefore says something only where the release is known.
   */
  readonly fifth: number;
  readonly at: Provenance;
}

const NUMBERS = /^\s*(-?\d+)\s+(-?\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$/;
const SYSCTL = /^\s*fs\.dentry-state\s*=\s*(\S.*)$/;

const numbersOf = (text: string): readonly number[] =>
  (NUMBERS.exec(SYSCTL.exec(text)?.[1] ?? text)?.slice(1) ?? []).map(Number);

/**
 * `/proc/sys/fs/dentry-state`, or its line in `sysctl -a`.
 *
 * Written by fs/dcache.c, proc_nr_dentry(): nr_dentry nr_unused age_limit want_pages nr_negative dummy.
 */
export const dentryState: TextFormat<'dentry-state', DentryStateFile> = {
  kind: 'dentry-state',
  looksFor: '"fs.dentry-state = 63415 61958 45 0 12656 0", or a lone line of these six numbers',
  many: false,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    const numbers = numbersOf(text);
    if (numbers.length !== 6) return 0;
    if (SYSCTL.test(text)) return 1;
    const [dentries = 0, unused = 0, age, pages, , dummy] = numbers;
    if (pages !== 0 || dummy !== 0) return 0;
    // The age limit is 45 since 2.2 and nothing sets it: of six numbers these are told by themselves.
    const typical = age === 45 && unused > 0 && unused <= dentries && dentries > 1000;
    return typical || standsAlone(lines, at, /dentry-state/) ? 1 : 0;
  },

  parse(lines, file): Parsed<DentryStateFile> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const [dentries = NaN, unused = NaN, , , fifth = NaN] = numbersOf(lines[0]?.text ?? '');
    if (!isQuantity(fifth)) throw new FormatError('dentry-state', 'not six numbers', at);
    const problems: Problem[] = [];
    if (!isQuantity(dentries) || !isQuantity(unused))
      problems.push({ problem: 'dentry-state: a count below zero', at });
    return {
      value: {
        ...(isQuantity(dentries) ? { dentries } : {}),
        ...(isQuantity(unused) ? { unused } : {}),
        fifth,
        at,
      },
      problems,
    };
  },
};
