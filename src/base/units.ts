declare const unit: unique symbol;
type Unit<T, Name extends string> = T & { readonly [unit]: Name };

/** A count of bytes, never negative. Exact up to 8 PiB. */
export type Bytes = Unit<number, 'Bytes'>;

/** A count of base pages. Says nothing about bytes until a page size is known. */
export type Pages = Unit<number, 'Pages'>;

/** A 64-bit kernel virtual address. For edges and display. */
export type KernelAddress = Unit<bigint, 'KernelAddress'>;

/** Seconds on one clock: since boot, or since 1970, whichever the owner of the value says. */
export type Seconds = Unit<number, 'Seconds'>;

export const bytes = (n: number): Bytes => whole(n) as Bytes;
export const kibibytes = (n: number): Bytes => bytes(n * 1024);
export const pages = (n: number): Pages => whole(n) as Pages;
export const kernelAddress = (n: bigint): KernelAddress => BigInt.asUintN(64, n) as KernelAddress;
export const seconds = (n: number): Seconds => n as Seconds;

/** Nonsense in a damaged input may add up beyond what is exact; the sum stops there. */
export const sumBytes = (parts: readonly Bytes[]): Bytes =>
  bytes(
    Math.min(
      Number.MAX_SAFE_INTEGER,
      parts.reduce((a, b) => a + b, 0),
    ),
  );
/** `a − b`, or 0 where that would be negative. */
export const bytesLess = (a: Bytes, b: Bytes): Bytes => bytes(Math.max(0, a - b));

/** `ffff8881002a4000`: the spelling the kernel's own %px uses. */
export const spellAddress = (a: KernelAddress): string => a.toString(16).padStart(16, '0');

/** True for what the constructors above accept; a parser asks before it converts a number it read. */
export const isQuantity = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

function whole(n: number): number {
  if (!isQuantity(n)) throw new RangeError(`not a whole, exact, non-negative quantity: ${n}`);
  return n;
}
