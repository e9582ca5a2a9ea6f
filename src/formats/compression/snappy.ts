import { ByteCopier } from './byte-copier.ts';

/** Bytes of a distance, by the two low bits of its tag. */
const DISTANCE_BYTES = [0, 1, 2, 4] as const;

/**
 * Unpacks a raw snappy block (format_description.txt of snappy: a length, then literals and copies). Returns the bytes
 * made, or -1 where the input is damaged or does not fit.
 */
export function unpackSnappy(from: Uint8Array, to: Uint8Array): number {
  const header = new ByteCopier(from, to, 0);
  const length = varint(header);
  if (length > to.length) return -1;
  const bytes = new ByteCopier(from, to, length);
  bytes.at = header.at;
  while (bytes.at < from.length) {
    const tag = bytes.next();
    if (!((tag & 3) === 0 ? literals(bytes, tag) : copy(bytes, tag))) return -1;
  }
  return bytes.made === length && bytes.at === from.length ? length : -1;
}

/** 7 bits a byte, the lowest first; a length has 32 bits at most. */
function varint(bytes: ByteCopier): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
    const byte = bytes.next();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  return Infinity;
}

function literals(bytes: ByteCopier, tag: number): boolean {
  const length = tag >> 2;
  return bytes.take((length < 60 ? length : littleEndian(bytes, length - 59)) + 1);
}

function copy(bytes: ByteCopier, tag: number): boolean {
  const short = (tag & 3) === 1;
  const distance = littleEndian(bytes, DISTANCE_BYTES[tag & 3] ?? 0);
  return short
    ? bytes.repeat(distance + ((tag >> 5) << 8), ((tag >> 2) & 7) + 4)
    : bytes.repeat(distance, (tag >> 2) + 1);
}

function littleEndian(bytes: ByteCopier, count: number): number {
  let value = 0;
  for (let i = 0, scale = 1; i < count; i++, scale *= 256) value += bytes.next() * scale;
  return value;
}
