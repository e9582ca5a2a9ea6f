import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { InputError } from './input-error.ts';

/** One file of an archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly parts: readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** An entry is for its owner only: what it holds was. */
const MODE = 0o600;

/**
 * A tar archive, packed as its name says (`.tar.zst`, else gzip), that is there whole or not at all: it is written under
 * another name and gets its own when it is done. `-` is standard output. Entries are written as they come.
 *
 * Throws InputError where it cannot be written.
 */
export class ArchiveWriter {
  readonly #file: string;
  readonly #pack: Pack = pack();
  readonly #out: WriteStream | NodeJS.WriteStream;
  readonly #done: Promise<void>;
  /** The name it is written under; undefined for standard output. */
  readonly partial: string | undefined;
  #fd: number | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #bytes = 0;

  constructor(file: string) {
    this.#file = file;
    this.partial = file === '-' ? undefined : `${file}.${process.pid}.partial`;
    this.#out = this.partial === undefined ? process.stdout : this.#create(this.partial);
    const packer = /\.zst$|\.tzst$/.test(file) ? createZstdCompress() : createGzip();
    packer.on('data', (chunk: Uint8Array) => (this.#bytes += chunk.length));
    // A failure is told where the next entry is added, or at the end.
    this.#done = pipeline(chunksOf(this.#pack), packer, this.#out, { end: this.partial !== undefined }).catch(
      (cause: unknown) => {
        this.#failure ??= { cause };
        this.#pack.destroy();
      },
    );
  }

  /** Bytes written so far, packed. */
  get bytes(): number {
    return this.#bytes;
  }

  async add({ path, parts, modified }: ArchiveEntry): Promise<void> {
    this.#throwIfFailed();
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    await new Promise<void>((resolve) => {
      const entry = this.#pack.entry({ name: path, size, mode: MODE, mtime: new Date(modified) }, () => resolve());
      entry.on('error', () => resolve());
      void fill(entry, parts);
    });
    this.#throwIfFailed();
  }

  /** The archive gets its name. */
  async finish(): Promise<void> {
    this.#pack.finalize();
    await this.#done;
    this.#throwIfFailed();
    if (this.partial === undefined) return;
    try {
      sync(this.partial);
      renameSync(this.partial, this.#file);
    } catch (cause) {
      throw this.#refusal(cause);
    }
  }

  /** Nothing of it is left. */
  abandon(): void {
    this.#pack.destroy();
    if (this.partial !== undefined) rmSync(this.partial, { force: true });
  }

  #create(partial: string): WriteStream {
    try {
      this.#fd = openSync(partial, 'wx', MODE);
      return createWriteStream(partial, { fd: this.#fd });
    } catch (cause) {
      throw this.#refusal(cause);
    }
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#refusal(this.#failure.cause);
  }

  #refusal(cause: unknown): InputError {
    const why = cause instanceof Error ? cause.message.replace(/, \w+( '.*)?$/, '') : String(cause);
    return new InputError(this.#file, `cannot be written: ${why}`, 'give another file to -o', { cause });
  }
}

/** Part by part, as fast as they are taken. */
async function fill(entry: ReturnType<Pack['entry']>, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    if (entry.write(part)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        entry.removeListener('drain', go);
        entry.removeListener('close', go);
        resolve();
      };
      entry.once('drain', go);
      entry.once('close', go);
    });
  }
  entry.end(null);
}

async function* chunksOf(packed: Pack): AsyncGenerator<Uint8Array> {
  for await (const chunk of packed) if (chunk instanceof Uint8Array) yield chunk;
}

/** What is renamed must be on the disk: else a crash leaves an empty file with the right name. */
function sync(file: string): void {
  const fd = openSync(file, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
