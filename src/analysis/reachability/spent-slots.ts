import { perCpu, possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';

/**
 * Slots of the arrays of network buffers that each CPU keeps (since 5.13, commit f450d539c05a): behind the count stand those
 * that were taken out. The physical addresses of these slots.
 */
export function spentSlots(kernel: Kernel): readonly number[] {
  const { layouts, memory, symbols } = kernel;
  const cache = symbols.find('napi_alloc_cache');
  const count = layouts.member('napi_alloc_cache', 'skb_count');
  const array = layouts.member('napi_alloc_cache', 'skb_cache');
  if (cache === undefined || !count || !array) return [];
  return possibleCpus(kernel).flatMap((cpu) => {
    const at = perCpu(cache, cpu);
    const slots = Array.from({ length: Math.floor(array.size / 8) }, (_, i) => i);
    const kept = ifThere(() => memory.u32(at + BigInt(count.offset))) ?? slots.length;
    return slots.slice(kept).flatMap((i) => memory.translate(at + BigInt(array.offset + i * 8)) ?? []);
  });
}
