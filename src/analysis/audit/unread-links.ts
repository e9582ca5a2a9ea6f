import type { KernelMemory } from '../../model/memory/kernel-memory.ts';

const WORD = 8;

/**
 * Whether a word of an object leads to memory that the dump does not hold. Lists and trees are linked both ways, so what is
 * missing may point back, and words counted without it are too few. `size` in bytes.
 */
export function leadsToUnread(
  memory: Pick<KernelMemory, 'physical' | 'pageSize' | 'tryRead' | 'translate'>,
  address: bigint,
  size: number,
): boolean {
  const { physical, pageSize } = memory;
  const bytes = memory.tryRead(address, size);
  if (!bytes) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const own = address / BigInt(pageSize);
  for (let at = 0; at + WORD <= size; at += WORD) {
    const target = view.getBigUint64(at, true);
    // The kernel's half of the address space.
    if (target >> 63n === 0n || target / BigInt(pageSize) === own) continue;
    const there = memory.translate(target);
    if (there === undefined) continue;
    const state = physical.state(Math.floor(there / physical.pageSize));
    if (state === 'excluded' || state === 'lost') return true;
  }
  return false;
}
