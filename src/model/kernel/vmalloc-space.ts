import { X86_IMAGE_BASE } from '../memory/x86-64.ts';
import type { Kernel } from './kernel.ts';
import { u64Variable } from './variables.ts';

/** A stretch of addresses that areas are cut from; `to` is the first address beyond. */
export interface AddressRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where areas lie, in order: of vmalloc, and of modules, which have a space of their own near the kernel's text. */
export interface VmallocSpace {
  /** Empty where the dump does not say (arm64 before 6.0). */
  readonly vmalloc: readonly AddressRange[];
  readonly modules: readonly AddressRange[];
}

const TIB = 2n ** 40n;

/** x86-64: Documentation/arch/x86/x86_64/mm.rst; where KASLR moves the start, `vmalloc_base` has it (4.8, 021182e52fe0). */
export function vmallocSpace(kernel: Kernel): VmallocSpace {
  const { numbers } = kernel.info;
  if (kernel.machine === 'x86-64') {
    const five = kernel.memory.tables.format.levels === 5;
    const from = u64Variable(kernel, 'vmalloc_base') ?? (five ? 0xffa0000000000000n : 0xffffc90000000000n);
    const image = numbers.get('KERNEL_IMAGE_SIZE') ?? 2n ** 29n;
    return {
      vmalloc: [{ from, to: from + (five ? 12_800n : 32n) * TIB }],
      modules: [{ from: X86_IMAGE_BASE + image, to: 0xffffffffff000000n }],
    };
  }
  return {
    vmalloc: named(numbers, 'VMALLOC_START', 'VMALLOC_END'),
    modules: named(numbers, 'MODULES_VADDR', 'MODULES_END'),
  };
}

function named(numbers: ReadonlyMap<string, bigint>, start: string, end: string): readonly AddressRange[] {
  const [from, to] = [numbers.get(start), numbers.get(end)];
  if (from === undefined || to === undefined) return [];
  const range = { from: BigInt.asUintN(64, from), to: BigInt.asUintN(64, to) };
  return range.from < range.to ? [range] : [];
}

/** Whether an address lies in one of the ranges. */
export const isInside = (ranges: readonly AddressRange[], address: bigint): boolean =>
  ranges.some(({ from, to }) => address >= from && address < to);
