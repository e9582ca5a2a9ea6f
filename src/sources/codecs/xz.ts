import { createRequire } from 'node:module';
import { ReadableStream } from 'node:stream/web';
import { crc32 } from 'node:zlib';
import type { Chunks } from '../chunks.ts';

type Decoder = new (source: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const FOOTER = 12;
const NO_BYTES = Buffer.alloc(0);

/**
 * Decompresses xz. A file may hold several streams, one after another; the decoder reads one, so the file is cut where
 * one ends and the next begins.
 */
export async function* unxz(source: Chunks): AsyncGenerator<Uint8Array> {
  const cutter = new StreamCutter(source[Symbol.asyncIterator]());
  try {
    while (await cutter.more()) yield* decode(cutter.stream());
  } finally {
    await cutter.close();
  }
}

async function* decode(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const fed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => void (await source.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  const Xz = ownDecoder();
  try {
    for await (const chunk of new Xz(fed)) if (chunk.length > 0) yield chunk;
  } catch (cause) {
    throw new Error(explain(cause), { cause });
  }
  for await (const _ of source);
}

/**
 * A copy of the decoder for this stream alone. The package lets the streams of one copy decode one at a time, so an xz
 * file inside an xz archive would wait forever; its memory, too, is given back only with the copy.
 */
function ownDecoder(): Decoder {
  const require = createRequire(import.meta.url);
  const path = require.resolve('xz-decompress');
  Reflect.deleteProperty(require.cache, path);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one thing the package exports
  return (require('xz-decompress') as { XzReadableStream: Decoder }).XzReadableStream;
}

/** xz-embedded's return codes (linux/xz.h, enum xz_ret). */
const MEANING: Readonly<Record<string, string>> = {
  3: 'not enough memory',
  4: 'needs a dictionary larger than 64 MiB',
  5: 'not xz data',
  6: 'uses an option, filter or check that is not read here',
  7: 'the compressed data is damaged',
  8: 'ends in the middle of the compressed data',
};

function explain(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = /error code (\d+)/.exec(message)?.[1];
  return (
    (code === undefined ? undefined : MEANING[code]) ?? (cause instanceof TypeError ? MEANING[8] : undefined) ?? message
  );
}

/** Cuts an xz file into its streams, at a footer whose checksum is right with padding and another header behind it. */
class StreamCutter {
  readonly #source: AsyncIterator<Uint8Array>;
  /** Read, not handed out. */
  #held: Buffer = NO_BYTES;
  #done = false;

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  async more(): Promise<boolean> {
    while (this.#held.length === 0 && (await this.#fill()));
    return this.#held.length > 0;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = nextHeader(this.#held);
      if (next) {
        const stream = this.#held.subarray(0, next.footerEnd);
        this.#held = this.#held.subarray(next.header);
        yield stream;
        return;
      }
      // A footer, padding and the start of a header may be at the end; padding is seldom more than a few bytes.
      const keep = this.#done ? 0 : Math.min(this.#held.length, FOOTER + 4096);
      const part = this.#held.subarray(0, this.#held.length - keep);
      this.#held = this.#held.subarray(part.length);
      if (part.length > 0) yield part;
      if (this.#done) return;
      await this.#fill();
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.(undefined);
  }

  async #fill(): Promise<boolean> {
    const next = this.#done ? undefined : await this.#source.next();
    this.#done = next === undefined || next.done === true;
    if (next?.done === false)
      this.#held = this.#held.length === 0 ? asBuffer(next.value) : Buffer.concat([this.#held, next.value]);
    return !this.#done;
  }
}

function nextHeader(bytes: Buffer): { readonly footerEnd: number; readonly header: number } | undefined {
  for (let at = bytes.indexOf(MAGIC, 1); at > 0; at = bytes.indexOf(MAGIC, at + 1)) {
    let end = at;
    while (end > FOOTER && bytes[end - 1] === 0) end--;
    if (isFooter(bytes.subarray(end - FOOTER, end))) return { footerEnd: end, header: at };
  }
  return undefined;
}

/** CRC32 of the next six bytes, size of the index, flags, `YZ` (the .xz file format, section 2.1.2). */
const isFooter = (bytes: Buffer): boolean =>
  bytes.length === FOOTER &&
  bytes[10] === 0x59 &&
  bytes[11] === 0x5a &&
  crc32(bytes.subarray(4, 10)) === bytes.readUInt32LE(0);

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
