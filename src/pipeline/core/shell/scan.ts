import type { PhysicalMemory } from '../../../model/memory/physical-memory.ts';

/** A number that is looked for, and the bits of it that do not matter. */
export interface Pattern {
  readonly value: bigint;
  readonly ignored: bigint;
}

/** Read at once: a megabyte is a batch of pages and leaves the caches warm. */
const CHUNK = 2 ** 20;

interface Half {
  readonly value: number;
  readonly mask: number;
}

/**
 * Numbers of 2, 4 or 8 bytes at multiples of their size, in physical memory from `start` on. Memory that is not in the dump
 * is passed over, and holds no zeros. In the order of memory; undefined after each stretch, so that whoever waits can stop.
 */
export function* searchWords(
  physical: PhysicalMemory,
  start: number,
  length: number,
  patterns: readonly Pattern[],
  size: 2 | 4 | 8,
): Generator<{ readonly at: number; readonly value: bigint } | undefined> {
  const lows = patterns.map((p) => half(p, 0n, size));
  const highs = patterns.map((p) => half(p, 32n, size));
  const first = Math.ceil(start / size) * size;
  for (const { at, bytes, isThere } of chunks(physical, first, length - (first - start))) {
    const found =
      size === 8
        ? find64(words32(bytes), lows, highs)
        : size === 4
          ? find32(words32(bytes), lows)
          : find16(bytes, lows);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const offset of found) {
      if (offset + size > bytes.length || !isThere(offset)) continue;
      const value =
        size === 8
          ? view.getBigUint64(offset, true)
          : BigInt(size === 4 ? view.getUint32(offset, true) : view.getUint16(offset, true));
      yield { at: at + offset, value };
    }
    yield undefined;
  }
}

const half = ({ value, ignored }: Pattern, shift: bigint, size: number): Half => {
  const care = ~ignored >> shift;
  const mask = Number(BigInt.asUintN(size === 2 ? 16 : 32, care));
  return { value: (Number(BigInt.asUintN(32, value >> shift)) & mask) >>> 0, mask };
};

const words32 = (bytes: Uint8Array): Uint32Array =>
  new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));

function find64(words: Uint32Array, lows: readonly Half[], highs: readonly Half[]): readonly number[] {
  const found = new Set<number>();
  for (const [p, high] of highs.entries()) {
    const low = lows[p] ?? high;
    for (let i = 1; i < words.length; i += 2)
      if (((words[i] ?? 0) & high.mask) >>> 0 === high.value && ((words[i - 1] ?? 0) & low.mask) >>> 0 === low.value)
        found.add((i - 1) * 4);
  }
  return inOrder(found, lows.length);
}

function find32(words: Uint32Array, values: readonly Half[]): readonly number[] {
  const found = new Set<number>();
  for (const { value, mask } of values)
    for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & mask) >>> 0 === value) found.add(i * 4);
  return inOrder(found, values.length);
}

function find16(bytes: Uint8Array, values: readonly Half[]): readonly number[] {
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
  const found = new Set<number>();
  for (const { value, mask } of values)
    for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & mask) === value) found.add(i * 2);
  return inOrder(found, values.length);
}

const inOrder = (found: ReadonlySet<number>, patterns: number): readonly number[] =>
  patterns > 1 ? [...found].toSorted((a, b) => a - b) : [...found];

/** As many bytes of what was found and stands behind it are shown. */
const SHOWN = 56;

/** Texts, at any address; with what stands behind them. One that runs over the end of a chunk is found too. */
export function* searchText(
  physical: PhysicalMemory,
  start: number,
  length: number,
  texts: readonly string[],
): Generator<{ readonly at: number; readonly text: string } | undefined> {
  const wanted = texts.map((text) => Buffer.from(text, 'utf8')).filter((text) => text.length > 0);
  const longest = Math.max(SHOWN, ...wanted.map((text) => text.length));
  for (const { at, bytes, isThere, length: own } of chunks(physical, start, length, longest)) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = new Set<number>();
    for (const text of wanted)
      for (let i = buffer.indexOf(text); i >= 0 && i < own; i = buffer.indexOf(text, i + 1)) found.add(i);
    for (const i of [...found].toSorted((a, b) => a - b))
      if (isThere(i)) yield { at: at + i, text: printable(buffer.subarray(i, i + SHOWN)) };
    yield undefined;
  }
}

const printable = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '.');

interface Chunk {
  readonly at: number;
  /** Valid until the next one; begins at a multiple of eight bytes of its buffer. */
  readonly bytes: Uint8Array;
  /** Without what belongs to the next chunk already. */
  readonly length: number;
  readonly isThere: (offset: number) => boolean;
}

/** Chunks that hold anything. `overlap`: bytes of the next chunk that each has at its end. */
function* chunks(physical: PhysicalMemory, start: number, length: number, overlap = 0): Generator<Chunk> {
  const buffer = new Uint8Array(CHUNK + overlap + 8);
  const end = Math.min(start + length, physical.endFrame * physical.pageSize);
  for (let at = start; at < end;) {
    // So that chunks end at pages.
    const own = Math.min(end - at, CHUNK - (at % CHUNK));
    if (holdsAny(physical, at, own)) {
      const bytes = buffer.subarray(0, Math.min(end - at, own + overlap));
      const gaps = physical.read(at, bytes);
      const isThere = (offset: number): boolean =>
        !gaps.some((gap) => offset >= gap.offset && offset < gap.offset + gap.length);
      yield { at, bytes, length: own, isThere };
    }
    at += own;
  }
}

function holdsAny(physical: PhysicalMemory, at: number, length: number): boolean {
  const last = Math.floor((at + length - 1) / physical.pageSize);
  for (let frame = Math.floor(at / physical.pageSize); frame <= last; frame++) {
    const state = physical.state(frame);
    if (state === 'present' || state === 'zero') return true;
  }
  return false;
}
