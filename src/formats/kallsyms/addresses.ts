import { halvesOf, HIGH, LOW } from '../symbols/address-halves.ts';
import { viewOf, type MemoryWindow } from './memory-window.ts';

/**
 * How the kernel wrote down the addresses of its symbols (kernel/kallsyms.c, kallsyms_sym_address):
 * `absolute` as they are (until 6.11, 64e166099b69b); `relative` unsigned distances from kallsyms_relative_base (4.6+);
 * `relative-percpu` where a distance d from the base is written −1 − d, and what is not negative is a per-CPU offset
 * (until 6.15, 01157ddc58dc2); `place-relative` signed distances from the place where they stand (7.0, a081b5789255d).
 */
export type AddressEncoding = 'absolute' | 'relative' | 'relative-percpu' | 'place-relative';

/** One way to read the addresses. `base` counts only for the relative ones. */
export interface AddressTable {
  readonly encoding: AddressEncoding;
  readonly window: MemoryWindow;
  readonly base: bigint;
}

/** Bytes of one entry. */
export const widthOf = (encoding: AddressEncoding): 4 | 8 => (encoding === 'absolute' ? 8 : 4);

/** The addresses of `count` symbols from the `first` on; what they say where the window has holes means nothing. */
export function readAddresses({ encoding, window, base }: AddressTable, count: number, first = 0): BigUint64Array {
  const view = viewOf(window.bytes);
  const addresses = new BigUint64Array(count);
  const halves = halvesOf(addresses);
  const from = encoding === 'place-relative' ? window.address : base;
  const baseLow = Number(from & 0xffff_ffffn);
  const baseHigh = Number(from >> 32n);
  for (let i = 0; i < count; i++) {
    const at = (first + i) * widthOf(encoding);
    let low = view.getUint32(at, true);
    let high = 0;
    if (encoding === 'absolute') high = view.getUint32(at + 4, true);
    else if (encoding !== 'relative-percpu' || low > 0x7fff_ffff) {
      low = baseLow + distance(encoding, low, at);
      high = baseHigh + Math.floor(low / 0x1_0000_0000);
    }
    halves[2 * i + LOW] = low;
    halves[2 * i + HIGH] = high;
  }
  return addresses;
}

const distance = (encoding: AddressEncoding, written: number, at: number): number =>
  encoding === 'relative' ? written : encoding === 'place-relative' ? at + (written | 0) : -1 - (written | 0);
