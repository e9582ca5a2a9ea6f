import type { ByteSource } from '../../base/byte-source.ts';

/** struct page_desc as six words: offset (two), size, flags, page_flags (two, never used). */
const WORDS = 6;
export const DESCRIPTOR_BYTES: number = WORDS * 4;

/** Descriptors read at once, a power of two. */
const BLOCK = 256;
/** Blocks kept, a power of two: at most 6 MiB, the descriptors of 1 GiB. */
const KEPT = 1024;

/** How a page is stored: DUMP_DH_COMPRESSED_* of makedumpfile; 0 is a page as it was. */
export const STORED_RAW = 0;
export const STORED_ZLIB = 0x1;
export const STORED_LZO = 0x2;
export const STORED_SNAPPY = 0x4;
export const STORED_ZSTD = 0x20;

interface Block {
  readonly first: number;
  readonly held: number;
  readonly words: Uint32Array;
}

/**
 * The table of page descriptors, read in blocks as it is asked for. One descriptor is selected at a time, and its fields
 * are read here: no object is made for a page.
 */
export class PageDescriptors {
  /** Where the selected page lies in the file. */
  offset = 0;
  /** Bytes that it takes there. */
  size = 0;
  flags = 0;
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #kept: (Block | undefined)[] = [];

  /** `start`: offset of the first descriptor. */
  constructor(source: ByteSource, start: number) {
    this.#source = source;
    this.#start = start;
  }

  /** False where the file ends before this descriptor. */
  select(index: number): boolean {
    const within = index % BLOCK;
    const first = index - within;
    const place = (first / BLOCK) % KEPT;
    const kept = this.#kept[place];
    const { held, words } = kept?.first === first ? kept : this.#load(first, place);
    if (within >= held) return false;
    const at = within * WORDS;
    this.offset = (words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32;
    this.size = words[at + 2] ?? 0;
    this.flags = words[at + 3] ?? 0;
    return true;
  }

  #load(first: number, place: number): Block {
    const words = this.#kept[place]?.words ?? new Uint32Array(BLOCK * WORDS);
    // While it is filled, the block holds nothing.
    this.#kept[place] = undefined;
    const got = this.#source.read(this.#start + first * DESCRIPTOR_BYTES, new Uint8Array(words.buffer));
    const block = { first, held: Math.floor(got / DESCRIPTOR_BYTES), words };
    this.#kept[place] = block;
    return block;
  }
}
