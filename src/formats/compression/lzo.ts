/** How many literals came just before, where it is more than three; decides what a small instruction means. */
const AFTER_RUN = 4;

/**
 * Unpacks LZO1X (Documentation/staging/lzo.rst of the kernel describes the stream; makedumpfile and QEMU write it with
 * lzo1x_1_compress). Returns the bytes made, or -1 where the input is damaged or does not fit.
 */
export function unpackLzo(from: Uint8Array, to: Uint8Array): number {
  const end = from.length;
  let at = 0;
  let out = 0;
  let state = 0;
  let literals = 0;
  const first = from[0] ?? 0;
  if (first > 17) {
    literals = first - 17;
    state = literals < AFTER_RUN ? literals : AFTER_RUN;
    at = 1;
  }
  for (;;) {
    if (at + literals > end || out + literals > to.length) return -1;
    for (; literals > 0; literals--) to[out++] = from[at++] ?? 0;
    if (at >= end) return -1;
    const op = from[at++] ?? 0;
    let count = 0;
    let back = 0;
    let next = op;
    if (op >= 64) {
      count = op >= 128 ? 5 + ((op >> 5) & 3) : 3 + ((op >> 5) & 1);
      back = ((from[at++] ?? 0) << 3) + ((op >> 2) & 7) + 1;
    } else if (op >= 16) {
      const mask = op >= 32 ? 31 : 7;
      count = op & mask;
      if (count === 0) {
        count = mask;
        for (; from[at] === 0; at++) count += 255;
        count += from[at++] ?? 0;
      }
      count += 2;
      next = from[at] ?? 0;
      back = (next >> 2) + ((from[at + 1] ?? 0) << 6);
      at += 2;
      if (op >= 32) back += 1;
      else {
        back += 16_384 + ((op & 8) << 11);
        if (back === 16_384) return at === end && count === 3 ? out : -1;
      }
    } else if (state === 0) {
      literals = op;
      if (literals === 0) {
        literals = 15;
        for (; from[at] === 0; at++) literals += 255;
        literals += from[at++] ?? 0;
      }
      literals += 3;
      state = AFTER_RUN;
      continue;
    } else {
      count = state === AFTER_RUN ? 3 : 2;
      back = ((from[at++] ?? 0) << 2) + (op >> 2) + (state === AFTER_RUN ? 2049 : 1);
    }
    if (at > end || back > out || out + count > to.length) return -1;
    for (; count > 0; count--, out++) to[out] = to[out - back] ?? 0;
    literals = state = next & 3;
  }
}
