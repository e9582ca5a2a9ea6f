import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { spellBytes } from '../../base/spelling.ts';
import { bytes as toBytes } from '../../base/units.ts';
import type { Chunks } from '../chunks.ts';
import { errorCode, explainSystem } from '../local-file.ts';

/** Where a dump was unpacked to, or why it was not. */
export type Unpacked = { readonly file: string } | { readonly why: string };

export interface DumpRoomOptions {
  /** Made when something is unpacked. */
  readonly folder: string;
  /** Bytes of all dumps together. */
  readonly bytes: number;
  /** Whether a dump of that name is to be unpacked; all are where it is not given. */
  readonly wants?: (name: string) => boolean;
}

const MOST_DUMPS = 64;
const LONGEST_NAME = 60;
/** Bytes that are left free on the disk, and how many are written between two looks at it. */
const LEFT_FREE = 2 ** 29;
const LOOK_EVERY = 2 ** 26;

/**
 * A folder for dumps that are packed: in an archive, or compressed. They are read at random, which a packed one cannot be. The
 * parts of a split one lie beside each other, as in the archive.
 */
export class DumpRoom {
  readonly #options: DumpRoomOptions;
  readonly #names = new Map<string, string>();
  readonly #folders = new Map<string, string>();
  #left: number;

  constructor(options: DumpRoomOptions) {
    this.#options = options;
    this.#left = options.bytes;
  }

  /** What a file in it is called by people: `sos.tar.gz/crash/vmcore`. */
  readonly nameOf = (file: string): string => this.#names.get(file) ?? file;

  /** Unpacks a dump. What is too large, or finds no room, leaves nothing. */
  async take(name: string, chunks: Chunks): Promise<Unpacked> {
    if (this.#options.wants?.(name) === false) return { why: 'is another crash dump than the one that was named' };
    if (this.#names.size >= MOST_DUMPS) return { why: `is one of more than ${MOST_DUMPS} crash dumps in archives` };
    let file: string | undefined;
    try {
      file = this.#placeOf(name);
      const why = await this.#write(file, chunks);
      if (why === undefined) {
        this.#names.set(file, name);
        return { file };
      }
      rmSync(file, { force: true });
      return { why };
    } catch (cause) {
      if (file !== undefined) rmSync(file, { force: true });
      if (errorCode(cause) === '') throw cause;
      return { why: `is a crash dump that cannot be unpacked into ${this.#options.folder}: ${explainSystem(cause)}` };
    }
  }

  /** Removes all that was unpacked. */
  close(): void {
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  #placeOf(name: string): string {
    const at = name.lastIndexOf('/');
    const [around, last] = [name.slice(0, at + 1), name.slice(at + 1)];
    const folder = this.#folders.get(around) ?? join(this.#options.folder, String(this.#folders.size + 1));
    this.#folders.set(around, folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const plain = last.slice(0, LONGEST_NAME);
    const isTaken = this.#names.has(join(folder, plain));
    return join(folder, isTaken ? `${plain}.${this.#names.size}` : plain);
  }

  /** Why not, where it did not fit. Zeros become holes: most of a core that was not filtered is. */
  async #write(file: string, chunks: Chunks): Promise<string | undefined> {
    const fd = openSync(file, 'wx', 0o600);
    let size = 0;
    let looked = -LOOK_EVERY;
    try {
      for await (const chunk of chunks) {
        this.#left -= chunk.length;
        const isDue = size - looked >= LOOK_EVERY;
        if (isDue) looked = size;
        const why = this.#refusal(isDue ? freeBytes(file) : Infinity);
        if (why !== undefined) return why;
        if (!isZero(chunk)) writeAll(fd, chunk, size);
        size += chunk.length;
      }
      ftruncateSync(fd, size);
      return undefined;
    } finally {
      closeSync(fd);
    }
  }

  #refusal(free: number): string | undefined {
    const { bytes, folder } = this.#options;
    if (this.#left < 0)
      return `is a crash dump that unpacks to more than ${spellBytes(toBytes(bytes))}; unpack it and give the file`;
    return free < LEFT_FREE ? `is a crash dump, and the disk of ${folder} has no room to unpack it` : undefined;
  }
}

function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(file);
  return bavail * bsize;
}

function writeAll(fd: number, chunk: Uint8Array, position: number): void {
  for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done, chunk.length - done, position + done);
}

const ZEROS: Buffer = Buffer.alloc(2 ** 20);
const isZero = (chunk: Uint8Array): boolean =>
  chunk.length <= ZEROS.length && Buffer.compare(chunk, ZEROS.subarray(0, chunk.length)) === 0;
