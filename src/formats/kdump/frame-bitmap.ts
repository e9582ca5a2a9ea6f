import { popcount } from '../../base/bits.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import type { Extent } from './header.ts';

/** Frames in a chunk, which is read at once: 128 KiB of bitmap, 4 GiB of memory. */
const CHUNK_FRAMES = 2 ** 20;
const CHUNK_WORDS = CHUNK_FRAMES / 32;
/** Words whose bits are counted one by one; the counts before each such block are stored. */
const BLOCK_WORDS = 16;
/** Chunks kept in memory: 128 MiB of bitmap, the frames of 4 TiB. */
const MOST_CHUNKS = 1024;

interface Chunk {
  readonly words: Uint32Array;
  /** Set bits of the chunk before each block. */
  readonly ranks: Uint32Array;
}

const emptyChunk = (): Chunk => ({
  words: new Uint32Array(CHUNK_WORDS),
  ranks: new Uint32Array(CHUNK_WORDS / BLOCK_WORDS),
});

/** A bit for each frame, least significant first, read in pieces as it is asked for. */
export class FrameBitmap {
  readonly #source: ByteSource;
  readonly #extent: Extent;
  readonly #frames: number;
  #chunks: (Chunk | undefined)[] = [];
  #held = 0;
  /** What was read and not kept, to be filled again. */
  #spare: Chunk | undefined;
  readonly #empty: Chunk = emptyChunk();
  /** Chunks of which something was missing. */
  readonly #short = new Map<number, number>();
  /** Set bits before each chunk, as far as they were counted. */
  readonly #before: number[] = [0];

  constructor(source: ByteSource, extent: Extent, frames: number) {
    this.#source = source;
    this.#extent = extent;
    this.#frames = frames;
  }

  /** Bytes that could not be read so far; their bits count as clear. */
  get missing(): number {
    return [...this.#short.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  has(frame: number): boolean {
    if (frame < 0 || frame >= this.#frames) return false;
    const { words } = this.#chunk(Math.floor(frame / CHUNK_FRAMES));
    const bit = frame % CHUNK_FRAMES;
    return (((words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  /** Set bits before a frame. */
  rank(frame: number): number {
    const bounded = Math.min(frame, this.#frames);
    const index = Math.floor(bounded / CHUNK_FRAMES);
    while (this.#before.length <= index) this.#countChunk(this.#before.length - 1);
    const before = this.#before[index] ?? 0;
    const bit = bounded % CHUNK_FRAMES;
    if (bit === 0) return before;
    const { words, ranks } = this.#chunk(index);
    const word = bit >>> 5;
    let count = before + (ranks[Math.floor(word / BLOCK_WORDS)] ?? 0);
    for (let i = word - (word % BLOCK_WORDS); i < word; i++) count += popcount(words[i] ?? 0);
    return count + popcount((words[word] ?? 0) & ((1 << (bit & 31)) - 1));
  }

  /** Set bits of all frames. */
  count(): number {
    return this.rank(this.#frames);
  }

  #countChunk(index: number): void {
    const { words, ranks } = this.#chunk(index);
    let count = ranks.at(-1) ?? 0;
    for (let i = CHUNK_WORDS - BLOCK_WORDS; i < CHUNK_WORDS; i++) count += popcount(words[i] ?? 0);
    this.#before.push((this.#before.at(-1) ?? 0) + count);
  }

  #chunk(index: number): Chunk {
    return this.#chunks[index] ?? this.#load(index);
  }

  #load(index: number): Chunk {
    const { words, ranks } = this.#spare ?? emptyChunk();
    this.#spare = undefined;
    const bytes = new Uint8Array(words.buffer);
    const start = index * bytes.length;
    // Writers of flattened dumps leave out what no frame has a bit in.
    const length = Math.min(bytes.length, Math.ceil(this.#frames / 8) - start, this.#extent.size - start);
    const got = length > 0 ? this.#source.read(this.#extent.offset + start, bytes.subarray(0, length)) : 0;
    if (got < length) this.#short.set(index, length - got);
    bytes.fill(0, Math.max(0, got));
    clearFrom(words, this.#frames - index * CHUNK_FRAMES);
    if (isZero(words)) {
      // Where a machine has no memory, as in most of a large address space, nothing is kept.
      this.#spare = { words, ranks };
      return this.#keep(index, this.#empty);
    }
    countBits(words, ranks);
    this.#held++;
    return this.#keep(index, { words, ranks });
  }

  #keep(index: number, chunk: Chunk): Chunk {
    if (this.#held > MOST_CHUNKS) {
      this.#chunks = [];
      this.#held = 1;
    }
    this.#chunks[index] = chunk;
    return chunk;
  }
}

function isZero(words: Uint32Array): boolean {
  for (let i = 0; i < words.length; i += 4)
    if (((words[i] ?? 0) | (words[i + 1] ?? 0) | (words[i + 2] ?? 0) | (words[i + 3] ?? 0)) !== 0) return false;
  return true;
}

/** Fills `ranks`. */
function countBits(words: Uint32Array, ranks: Uint32Array): void {
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    if (i % BLOCK_WORDS === 0) ranks[i / BLOCK_WORDS] = count;
    count += popcount(words[i] ?? 0);
  }
}

/** Bits beyond the last frame mean nothing. */
function clearFrom(words: Uint32Array, bit: number): void {
  if (bit >= CHUNK_FRAMES) return;
  const word = bit >>> 5;
  words[word] = (words[word] ?? 0) & ((1 << (bit & 31)) - 1);
  words.fill(0, word + 1);
}
