/** Beyond the end everything is zero: loops that read check their position. */
export function readUnsigned(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** One beyond a LEB128 number that begins at `at`. */
export function skipLeb(bytes: Uint8Array, at: number): number {
  let end = at;
  while (((bytes[end] ?? 0) & 0x80) !== 0) end++;
  return end + 1;
}

/** Numbers beyond 2^53 are rounded; the kernel's DWARF has none but in constants, which `lebBig` reads. */
export function readUleb(bytes: Uint8Array, at: number): number {
  let value = 0;
  let scale = 1;
  for (let i = at; ; i++, scale *= 128) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

/** Exact. */
export function lebBig(bytes: Uint8Array, at: number, signed: boolean): bigint {
  const end = skipLeb(bytes, at);
  let value = 0n;
  for (let i = Math.min(end - 1, at + 9); i >= at; i--) value = (value << 7n) | BigInt((bytes[i] ?? 0) & 0x7f);
  const bits = 7 * (end - at);
  return signed && bits < 64 ? BigInt.asIntN(bits, value) : signed ? BigInt.asIntN(64, value) : value;
}
