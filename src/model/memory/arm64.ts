import type { TableFormat } from './translation.ts';

const VALID = 1;
/** At the last level a page, above it a table; clear above it: a block. */
const TABLE = 2;

/**
 * Translation tables of arm64 for TTBR1 (arch/arm64/include/asm/pgtable-hwdef.h). With 64 KiB pages bits 12 to 15 of an
 * entry are physical address bits 48 to 51; with smaller pages and 52-bit addresses (LPA2, since 6.9) bits 8 and 9 are
 * bits 50 and 51.
 */
export function arm64Tables(pageSize: number, addressBits: number): TableFormat {
  const pageShift = Math.log2(pageSize);
  const bitsPerLevel = pageShift - 3;
  const large = pageSize === 65536;
  const lpa2 = !large && addressBits > 48;
  const lowMask = (0xffffffff << pageShift) >>> 0;
  return {
    pageShift,
    bitsPerLevel,
    levels: Math.ceil((addressBits - pageShift) / bitsPerLevel),
    addressBits,
    decode(low, high, level) {
      if ((low & VALID) === 0) return undefined;
      if (level === 0 && (low & TABLE) === 0) return undefined;
      const top = large ? ((low >>> 12) & 0xf) * 2 ** 48 : lpa2 ? ((low >>> 8) & 3) * 2 ** 50 : 0;
      const middle = (high & (lpa2 ? 0x3ffff : 0xffff)) * 2 ** 32;
      return { physical: top + middle + ((low & lowMask) >>> 0), leaf: level === 0 || (low & TABLE) === 0 };
    },
  };
}
