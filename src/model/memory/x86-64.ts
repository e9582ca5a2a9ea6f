import type { TableFormat } from './translation.ts';

const PRESENT = 1;
const LARGE = 0x80;
/** _PAGE_PROTNONE: a page of the kernel that is set up but must not be touched; its address is still there. */
const GLOBAL = 0x100;

/** Physical address bits 12 to 51: the upper half of an entry holds bits 32 to 51. */
const HIGH_MASK = 0xfffff;

/**
 * Four or five levels of 512 entries (arch/x86/include/asm/pgtable_types.h). `encryption` is the bit that memory
 * encryption sets in an entry (NUMBER(sme_mask)).
 */
export function x86Tables(levels: 4 | 5, encryption = 0n): TableFormat {
  const clear = Number(BigInt.asUintN(20, ~(encryption >> 32n)));
  return {
    pageShift: 12,
    bitsPerLevel: 9,
    levels,
    addressBits: levels === 5 ? 57 : 48,
    decode(low, high, level) {
      const present = (low & PRESENT) !== 0 || (level === 0 && (low & GLOBAL) !== 0);
      if (!present) return undefined;
      const physical = (high & HIGH_MASK & clear) * 2 ** 32 + ((low & 0xfffff000) >>> 0);
      // Bit 7 means a large page at levels 1 and 2 only; at level 0 it is the memory type.
      return { physical, leaf: level === 0 || ((low & LARGE) !== 0 && level <= 2) };
    },
  };
}

/** __START_KERNEL_map: where the image is linked. */
export const X86_IMAGE_BASE = 0xffffffff80000000n;
