import { ByteCopier } from './byte-copier.ts';

/** A run of four or more literals came just before; up to three are the state themselves. */
const AFTER_RUN = 4;
/** What stands at the end of the stream: a copy of three bytes from where none can be. */
const END_OP = 0x11;

/**
 * Unpacks LZO1X (Documentation/staging/lzo.rst of the kernel describes the stream; makedumpfile and QEMU write it with
 * lzo1x_1_compress). Returns the bytes made, or -1 where the input is damaged or does not fit.
 */
export function unpackLzo(from: Uint8Array, to: Uint8Array): number {
  const bytes = new ByteCopier(from, to, to.length);
  let state = 0;
  const [first = 0] = from;
  if (first > 17) {
    bytes.at = 1;
    if (!bytes.take(first - 17)) return -1;
    state = Math.min(first - 17, AFTER_RUN);
  }
  for (;;) {
    const op = bytes.next();
    if (op === END_OP && from[bytes.at] === 0 && from[bytes.at + 1] === 0)
      return bytes.at + 2 === from.length ? bytes.made : -1;
    state = op < 16 && state === 0 ? run(bytes, op) : copy(bytes, op, state);
    if (state < 0) return -1;
  }
}

/** Four literals or more. Each instruction returns what the next has to know of it, or -1. */
function run(bytes: ByteCopier, op: number): number {
  return bytes.take(3 + (op === 0 ? extended(bytes, 15) : op)) ? AFTER_RUN : -1;
}

/** A copy, and up to three literals: how many say the two low bits of its last byte or of its distance. */
function copy(bytes: ByteCopier, op: number, state: number): number {
  const marker = op >= 64 ? nearCopy(bytes, op) : op >= 16 ? farCopy(bytes, op) : shortCopy(bytes, op, state);
  return marker >= 0 && bytes.take(marker & 3) ? marker & 3 : -1;
}

/** A length that does not fit in its instruction: each byte of zero stands for 255 more. */
function extended(bytes: ByteCopier, base: number): number {
  let length = base;
  let byte = bytes.next();
  for (; byte === 0 && bytes.at <= bytes.from.length; byte = bytes.next()) length += 255;
  return length + byte;
}

/** 3 to 8 bytes from within 2 KiB. */
function nearCopy(bytes: ByteCopier, op: number): number {
  const count = op >= 128 ? 5 + ((op >> 5) & 3) : 3 + ((op >> 5) & 1);
  return bytes.repeat((bytes.next() << 3) + ((op >> 2) & 7) + 1, count) ? op : -1;
}

/** Any length from within 16 KiB, or from the 32 KiB before. */
function farCopy(bytes: ByteCopier, op: number): number {
  const mask = op >= 32 ? 31 : 7;
  const length = op & mask;
  const count = 2 + (length === 0 ? extended(bytes, mask) : length);
  const low = bytes.next();
  const back = (low >> 2) + (bytes.next() << 6);
  return bytes.repeat(op >= 32 ? back + 1 : back + 16_384 + ((op & 8) << 11), count) ? low : -1;
}

/** 2 bytes from within 1 KiB after few literals, 3 bytes from the 1 KiB before 2 KiB after a run of them. */
function shortCopy(bytes: ByteCopier, op: number, state: number): number {
  const back = (bytes.next() << 2) + (op >> 2) + 1;
  return (state === AFTER_RUN ? bytes.repeat(back + 2048, 3) : bytes.repeat(back, 2)) ? op : -1;
}
