/**
 * Unpacks a raw snappy block (format_description.txt of snappy: a length as a varint, then literals and copies). Returns
 * the bytes made, or -1 where the input is damaged or does not fit.
 */
export function unpackSnappy(from: Uint8Array, to: Uint8Array): number {
  const end = from.length;
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 28) return -1;
    const byte = from[at++] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > to.length) return -1;
  let out = 0;
  while (at < end) {
    const tag = from[at++] ?? 0;
    if ((tag & 3) === 0) {
      let count = (tag >> 2) + 1;
      if (count > 60) {
        const extra = count - 60;
        if (at + extra > end) return -1;
        count = littleEndian(from, at, extra) + 1;
        at += extra;
      }
      if (at + count > end || out + count > length) return -1;
      for (const stop = out + count; out < stop;) to[out++] = from[at++] ?? 0;
    } else {
      const extra = SNAPPY_EXTRA[tag & 3] ?? 0;
      if (at + extra > end) return -1;
      const short = (tag & 3) === 1;
      const back = littleEndian(from, at, extra) + (short ? (tag >> 5) * 256 : 0);
      const count = short ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      at += extra;
      if (back === 0 || back > out || out + count > length) return -1;
      for (const stop = out + count; out < stop; out++) to[out] = to[out - back] ?? 0;
    }
  }
  return out === length ? out : -1;
}

/** Bytes behind a tag, by its two low bits. */
const SNAPPY_EXTRA = [0, 1, 2, 4] as const;

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
