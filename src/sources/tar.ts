import { extract, type Extract, type Header } from 'tar-stream';
import type { Chunks } from './chunks.ts';

/** One entry of an archive. Its content must be read, or left, before the next entry is asked for. */
export interface TarEntry {
  readonly path: string;
  readonly type: 'file' | 'symlink' | 'other';
  readonly target?: string;
  /** Milliseconds since 1970. */
  readonly modified?: number;
  readonly content: Chunks;
}

/** Headers without a magic too, as the oldest tars have them; tar-stream's own types leave the option out. */
const ANY_FORMAT: object = { allowUnknownFormat: true };
const BLOCK = 512;
/** Fed behind a torn archive, so that what is left in the decoder comes out; recognised by its buffer and dropped. */
const PADDING: Buffer = Buffer.alloc(64 * 1024);
/** Enough to end the longest header tar-stream reads (4 MiB of pax records). */
const PADDING_ROUNDS = 70;

/** Reads an archive (ustar, GNU, pax and the oldest form) entry by entry. `torn` hears where it ends too early. */
export async function* readTar(source: Chunks, torn: (why: string) => void): AsyncGenerator<TarEntry> {
  const door = new Door(source, torn);
  try {
    for (let entry = await door.next(); entry; entry = await door.next()) {
      const { header, content } = entry;
      yield {
        path: header.name,
        type: typeOf(header),
        ...(header.linkname ? { target: header.linkname } : {}),
        ...(Number.isFinite(header.mtime.getTime()) ? { modified: header.mtime.getTime() } : {}),
        content,
      };
      await entry.leave();
    }
  } finally {
    await door.close();
  }
}

function typeOf(header: Header): TarEntry['type'] {
  if (header.type === 'file' || header.type === 'contiguous-file') return 'file';
  return header.type === 'symlink' ? 'symlink' : 'other';
}

interface Opened {
  readonly header: Header;
  readonly content: Chunks;
  /** Passes over what was not read; the decoder cannot go on before. */
  leave(): Promise<void>;
}

/** tar-stream's decoder, fed as fast as entries are taken. */
class Door {
  readonly #extract: Extract = extract(ANY_FORMAT);
  readonly #torn: (why: string) => void;
  readonly #feeding: Promise<void>;
  #waiting: { readonly opened: Opened; readonly proceed: () => void } | undefined;
  #proceed: () => void = () => undefined;
  #over = false;
  #told = false;
  #wake: () => void = () => undefined;
  #drained: () => void = () => undefined;

  constructor(source: Chunks, torn: (why: string) => void) {
    this.#torn = torn;
    this.#extract.on('entry', (header, stream, proceed) => {
      stream.on('error', () => undefined);
      this.#waiting = { opened: this.#open(header, stream), proceed };
      this.#wake();
    });
    this.#extract.on('drain', () => this.#drained());
    this.#extract.on('error', (cause: Error) => this.#tear(`is damaged (${cause.message})`));
    this.#extract.on('close', () => this.#end());
    this.#feeding = this.#feed(source);
  }

  async next(): Promise<Opened | undefined> {
    this.#proceed();
    this.#proceed = () => undefined;
    while (!this.#waiting && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (!this.#waiting) return undefined;
    const { opened, proceed } = this.#waiting;
    this.#waiting = undefined;
    this.#proceed = proceed;
    return opened;
  }

  /** Ends the decoder and its source; throws what the source threw. */
  async close(): Promise<void> {
    this.#end();
    this.#extract.destroy();
    await this.#feeding;
  }

  #open(header: Header, stream: AsyncIterable<unknown>): Opened {
    // Ending the decoder's own iterator would end the whole archive, so a reader that stops early must not reach it.
    const iterator = stream[Symbol.asyncIterator]();
    const read = async (): Promise<Uint8Array | undefined> => {
      const next = this.#over ? undefined : await iterator.next().catch(() => undefined);
      if (next === undefined || next.done === true) return undefined;
      if (!(next.value instanceof Uint8Array)) return undefined;
      if (next.value.buffer !== PADDING.buffer) return next.value;
      this.#tear(`ends in the middle of ${header.name}`);
      return undefined;
    };
    return {
      header,
      content: (async function* content(): AsyncGenerator<Uint8Array> {
        for (let chunk = await read(); chunk; chunk = await read()) yield chunk;
      })(),
      leave: async () => {
        while (await read());
      },
    };
  }

  async #feed(source: Chunks): Promise<void> {
    const tail = new Tail();
    try {
      for await (const chunk of source) {
        if (this.#over) return;
        tail.add(chunk);
        await this.#write(chunk);
      }
      for (let i = 0; i < PADDING_ROUNDS && !this.#over && !tail.ended; i++)
        await this.#write(i === 0 ? PADDING.subarray(0, BLOCK - (tail.length % BLOCK)) : PADDING);
      if (this.#over) return;
      const closed = new Promise<void>((resolve) => this.#extract.once('close', () => resolve()));
      this.#extract.end(null);
      await closed;
      if (!tail.ended && !this.#told) this.#torn('has no end mark and may have been cut off');
    } finally {
      this.#end();
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#over || this.#extract.write(chunk)) return;
    await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  #tear(why: string): void {
    if (this.#over || this.#told) return;
    this.#told = true;
    this.#torn(why);
    this.#end();
    this.#extract.destroy();
  }

  #end(): void {
    this.#over = true;
    this.#wake();
    this.#drained();
  }
}

/** Whether a stream ends in the two empty blocks that end an archive. */
class Tail {
  length = 0;
  #zeros = 0;

  get ended(): boolean {
    return this.length % BLOCK === 0 && this.#zeros >= 2 * BLOCK;
  }

  add(chunk: Uint8Array): void {
    this.length += chunk.length;
    let at = chunk.length;
    while (at > 0 && chunk.length - at < 2 * BLOCK && chunk[at - 1] === 0) at--;
    this.#zeros = chunk.length - at + (at === 0 ? this.#zeros : 0);
  }
}
