import type { ComparedHolder, CoreComparison } from '../../findings/core/core-comparison.ts';
import { CoreSession } from '../core/session.ts';
import { compareDumps, relationOf } from './compare-dumps.ts';
import { compareHolders } from './compare-holders.ts';

/** Opens two dumps and compares them. Throws InputError or FormatError where one cannot be opened. */
export const compareTwo = (a: string, b: string, symbols: readonly string[]): CoreComparison =>
  withTwo(a, b, symbols, compareDumps);

/** The part of it that is about who holds what. */
export const holdersOfTwo = (a: string, b: string): readonly ComparedHolder[] =>
  withTwo(a, b, [], (first, second) => compareHolders(first, second, relationOf(first, second) === 'same boot'));

function withTwo<T>(a: string, b: string, symbols: readonly string[], work: (a: CoreSession, b: CoreSession) => T): T {
  const first = CoreSession.open(a, { symbols });
  try {
    const second = CoreSession.open(b, { symbols });
    try {
      return work(first, second);
    } finally {
      second.close();
    }
  } finally {
    first.close();
  }
}
