import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';

/** Bits of an entry that are no address: flags in the lowest twelve and the highest twelve. */
const ADDRESS_HIGH = 0xfffff;

/**
 * Whether a page is a table of physical addresses: of an IOMMU, of a guest. Such pages refer to each other by physical
 * address only, which no sweep follows, and are no leak. Every word that is not zero has flags in its low bits and the
 * address of a page of RAM in the middle; there is at least one.
 */
export function isTableLike(physical: PhysicalMemory, address: number, pageSize: number, ramBytes: number): boolean {
  const bytes = new Uint8Array(pageSize);
  if (physical.read(address, bytes).length > 0) return false;
  const words = new Uint32Array(bytes.buffer);
  let entries = 0;
  for (let i = 0; i < words.length; i += 2) {
    const [low, high] = [words[i] ?? 0, words[i + 1] ?? 0];
    if (low === 0 && high === 0) continue;
    const at = (high & ADDRESS_HIGH) * 2 ** 32 + ((low & 0xfffff000) >>> 0);
    if ((low & 3) === 0 || at === 0 || at >= ramBytes) return false;
    entries++;
  }
  return entries > 0;
}
