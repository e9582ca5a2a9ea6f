import type { ComparedHolder, CoreComparison } from '../../findings/core/core-comparison.ts';
import { CoreSession } from '../core/session.ts';
import type { OpenableDump } from './packed-dump.ts';
import { compareDumps, relationOf } from './compare-dumps.ts';
import { compareHolders } from './compare-holders.ts';

/** A dump, and what people call its files. */
type Openable = Pick<OpenableDump, 'file'> & Partial<Pick<OpenableDump, 'nameOf'>>;

/** Opens two dumps and compares them. Throws InputError or FormatError where one cannot be opened. */
export const compareTwo = (a: Openable, b: Openable, symbols: readonly string[]): CoreComparison =>
  withTwo(a, b, symbols, compareDumps);

/** The part of it that is about who holds what. */
export const holdersOfTwo = (a: string, b: string): readonly ComparedHolder[] =>
  withTwo({ file: a }, { file: b }, [], (first, second) =>
    compareHolders(first, second, relationOf(first, second) === 'same boot'),
  );

function withTwo<T>(
  a: Openable,
  b: Openable,
  symbols: readonly string[],
  work: (a: CoreSession, b: CoreSession) => T,
): T {
  const open = ({ file, nameOf }: Openable): CoreSession =>
    CoreSession.open(file, { symbols, ...(nameOf && { nameOf }) });
  const first = open(a);
  try {
    const second = open(b);
    try {
      return work(first, second);
    } finally {
      second.close();
    }
  } finally {
    first.close();
  }
}
