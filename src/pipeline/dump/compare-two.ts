import type { CoreComparison } from '../../findings/core/core-comparison.ts';
import { CoreSession } from '../core/session.ts';
import { compareDumps } from './compare-dumps.ts';

/** Opens two dumps and compares them. Throws InputError or FormatError where one cannot be opened. */
export function compareTwo(a: string, b: string, symbols: readonly string[]): CoreComparison {
  const first = CoreSession.open(a, { symbols });
  try {
    const second = CoreSession.open(b, { symbols });
    try {
      return compareDumps(first, second);
    } finally {
      second.close();
    }
  } finally {
    first.close();
  }
}
