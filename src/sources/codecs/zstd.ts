import { createZstdDecompress } from 'node:zlib';
import type { Chunks } from '../chunks.ts';
import { through } from './through.ts';

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAGIC_BYTES = 4;
/** Parallel compressors write a frame per few megabytes; more frames than this are no honest file. */
const MOST_FRAMES = 100_000;

/**
 * Decompresses zstd. A file may hold several frames, one after another, as parallel compressors and `cat` make them;
 * node:zlib reads only the first, so each gets a decoder of its own.
 */
export async function* unzstd(source: Chunks): AsyncGenerator<Uint8Array> {
  const cutter = new FrameCutter(source[Symbol.asyncIterator]());
  try {
    for (let frames = 0; await cutter.more(); frames++) {
      if (frames > MOST_FRAMES) throw new Error(`more than ${MOST_FRAMES} frames`);
      // Frames to skip hold others' data, which the format provides for.
      if (cutter.skippable) await cutter.skip();
      else yield* through(createZstdDecompress(), cutter.frame());
    }
  } finally {
    await cutter.close();
  }
}

class FrameCutter {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  /** Whether another frame follows; its magic is there then, if the file has it. */
  async more(): Promise<boolean> {
    while (this.#rest.length < MAGIC_BYTES) {
      const next = await this.#source.next();
      if (next.done === true) break;
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    return this.#rest.length > 0;
  }

  get skippable(): boolean {
    const [kind = 0, ...rest] = this.#rest.subarray(0, MAGIC_BYTES);
    return (kind & 0xf0) === 0x50 && rest.join() === '42,77,24';
  }

  /** The bytes of one frame. */
  async *frame(): AsyncGenerator<Uint8Array> {
    const walk = new FrameWalk();
    while (await this.more()) {
      const end = walk.advance(this.#rest);
      const part = end === undefined ? this.#rest : this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(part.length);
      yield part;
      if (end !== undefined) return;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this.frame());
  }

  async close(): Promise<void> {
    await this.#source.return?.(undefined);
  }
}

type Field = 'magic' | 'descriptor' | 'block' | 'skip-size' | 'end';

/** Finds the end of a frame from its headers (RFC 8878, section 3.1), without decoding it. */
class FrameWalk {
  #field: Field = 'magic';
  #want = 4;
  #value = 0;
  #got = 0;
  #skip = 0;
  #checksum = 0;

  /** Index behind the frame's last byte, where it is in the chunk. */
  advance(chunk: Uint8Array): number | undefined {
    for (let at = 0; at < chunk.length;) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else {
        this.#value += (chunk[at++] ?? 0) * 256 ** this.#got++;
        if (this.#got === this.#want) this.#read(this.#value);
      }
      if (this.#skip === 0 && this.#field === 'end') return at;
    }
    return undefined;
  }

  #read(value: number): void {
    this.#value = 0;
    this.#got = 0;
    switch (this.#field) {
      case 'magic':
        if (value === FRAME) this.#expect('descriptor', 1);
        else if (value >= SKIPPABLE && value < SKIPPABLE + 16) this.#expect('skip-size', 4);
        else throw new Error('something else follows the compressed data');
        return;
      case 'skip-size':
        this.#skip = value;
        this.#expect('end', 0);
        return;
      case 'descriptor':
        this.#skip = headerRest(value);
        this.#checksum = (value & 4) === 0 ? 0 : 4;
        this.#expect('block', 3);
        return;
      case 'block': {
        const last = (value & 1) === 1;
        const runLength = ((value >> 1) & 3) === 1;
        this.#skip = (runLength ? 1 : value >> 3) + (last ? this.#checksum : 0);
        this.#expect(last ? 'end' : 'block', 3);
        return;
      }
      case 'end':
    }
  }

  #expect(field: Field, want: number): void {
    this.#field = field;
    this.#want = want;
  }
}

/** Bytes of the frame header behind its descriptor: window, dictionary, content size. */
function headerRest(descriptor: number): number {
  const single = (descriptor >> 5) & 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  return 1 - single + dictionary + size;
}
