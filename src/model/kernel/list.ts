import { MemoryFault } from '../memory/memory-fault.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';

/** More entries than any list here has: a longer one is a circle that does not come back to its head. */
const MOST_ENTRIES = 20_000_000;

/**
 * The entries of a struct list_head list, without its head: addresses of the list_head in each. Ends early, and says so
 * to `problem`, at an entry that cannot be read, that was met before, or whose prev does not point back. Backwards it goes
 * by prev: what lies behind a break can be reached from the other end.
 */
export function* walkList(
  memory: KernelMemory,
  head: bigint,
  problem: (what: string) => void,
  most: number = MOST_ENTRIES,
  direction: 'forwards' | 'backwards' = 'forwards',
): Generator<bigint> {
  const seen = new Set<bigint>();
  const [next, prev] = direction === 'forwards' ? [0n, 8n] : [8n, 0n];
  let [at, before] = [head, head];
  try {
    for (;;) {
      at = memory.u64(at + next);
      if (at === head || at === 0n) break;
      if (seen.has(at)) return problem(`goes round in a circle at ${spell(at)}`);
      if (seen.size >= most) return problem(`does not end after ${most} entries`);
      if (memory.u64(at + prev) !== before) problem(`is torn: ${spell(at)} does not point back to ${spell(before)}`);
      seen.add(at);
      before = at;
      yield at;
    }
    if (at === 0n) problem('ends with a NULL');
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    problem(`breaks off: ${cause.message}`);
  }
}

/** Like walkList; what lies behind a break or a circle is taken from the other end, each entry once. */
export function* walkListFromBothEnds(
  memory: KernelMemory,
  head: bigint,
  problem: (what: string) => void,
  most: number = MOST_ENTRIES,
): Generator<bigint> {
  const seen = new Set<bigint>();
  let whole = true;
  const noted = (what: string): void => {
    whole = false;
    problem(what);
  };
  for (const entry of walkList(memory, head, noted, most)) {
    seen.add(entry);
    yield entry;
  }
  if (whole) return;
  for (const entry of walkList(memory, head, () => undefined, most, 'backwards')) {
    if (seen.has(entry)) return;
    yield entry;
  }
}

const spell = (address: bigint): string => address.toString(16).padStart(16, '0');
