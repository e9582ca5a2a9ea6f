import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { eachObject } from './each-object.ts';

/** Address spaces that are variables of the kernel; others belong to no task for a while, or ever (poking_mm, since 4.20). */
const VARIABLES = ['efi_mm'] as const;

/** Top page tables of all address spaces that there are, also of those that no task runs in: kernel addresses. */
export function pageDirectories(kernel: Kernel, heap: SlabHeap | undefined): readonly bigint[] {
  const { layouts, memory, symbols } = kernel;
  const pgd = layouts.member('mm_struct', 'pgd')?.offset;
  if (pgd === undefined) return [];
  const cache = heap?.caches.findIndex(({ name }) => name === 'mm_struct') ?? -1;
  const spaces = VARIABLES.flatMap((name) => symbols.find(name) ?? []);
  if (heap && cache >= 0) for (const { address } of eachObject(kernel, heap, cache)) spaces.push(address);
  return spaces.flatMap((mm) => {
    const table = ifThere(() => memory.u64(mm + BigInt(pgd))) ?? 0n;
    return table === 0n ? [] : [table];
  });
}
