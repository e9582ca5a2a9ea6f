/** What a column of `free` without a suffix counts, and why that is not certain where it is not. */
export interface GuessedUnit {
  readonly bytes: number;
  readonly doubt?: string;
}

const KIB = 1024;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** No host has 16 TiB of memory and prints it in MiB without saying so. */
const MOST_MIB = 16 * 1024 ** 2;

/**
 * Tells the unit of free's row by its figures, in this order:
 *
 * 1. Everything free prints in KiB or bytes counts whole pages of at least 4 KiB. A total that is no multiple of 4 is
 *    therefore not KiB. One of 100 million and more, with its neighbours all multiples of 4096, is bytes.
 * 2. Below 200 it is GiB (`free -g` of a server), with a doubt: a router of 128 MiB prints the same with `-m`.
 * 3. Below 100,000 it is MiB, unless at least four figures are there and all are multiples of 4: a small device in KiB.
 * 4. Anything else is KiB, the default.
 */
export function guessUnit(memory: readonly number[], swap: readonly number[] = []): GuessedUnit {
  const total = memory[0] ?? 0;
  const figures = [...memory, ...swap].filter((n) => n > 0);
  const all = (factor: number): boolean => figures.every((n) => n % factor === 0);
  if (total >= 1e8 && all(4096)) return { bytes: 1 };
  if (total < 200) return { bytes: GIB, doubt: 'the unit is not stated; taken as GiB' };
  if (total < 1024) return { bytes: MIB, doubt: 'the unit is not stated; taken as MiB' };
  if (total < 100_000) return { bytes: figures.length >= 4 && all(4) ? KIB : MIB };
  return { bytes: total % 4 !== 0 && total < MOST_MIB ? MIB : KIB };
}
