const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Where the halves of address i stand in `halvesOf`: at 2i + LOW and 2i + HIGH. */
export const LOW: 0 | 1 = IS_LITTLE_ENDIAN ? 0 : 1;
export const HIGH: 0 | 1 = IS_LITTLE_ENDIAN ? 1 : 0;

/** The same memory as 32-bit halves, for loops: arithmetic on bigints is several times as slow before it is compiled. */
export const halvesOf = (addresses: BigUint64Array): Uint32Array =>
  new Uint32Array(addresses.buffer, addresses.byteOffset, addresses.length * 2);
