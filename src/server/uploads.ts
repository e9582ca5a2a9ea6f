import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { UploadedFile } from './upload-list.ts';

export interface UploadLimits {
  /** Bytes of one upload. */
  readonly most: number;
  /** Bytes of all uploads that are kept. */
  readonly mostKept: number;
  /** Milliseconds within which at least `LEAST` bytes have to come; else the upload is given up. */
  readonly patience: number;
}

/** The folder of the upload and its files; else why not, with the status to answer. */
export type Uploaded = { readonly folder: string; readonly paths: readonly string[] } | Refused;
interface Refused {
  readonly status: 400 | 408 | 413 | 507;
  readonly why: string;
}

const FULL = { status: 507, why: 'the server keeps as many uploads as it may; try later' } as const;
/** Bytes: less than that in the time that patience lasts is nobody's line, and keeps others from theirs. */
const LEAST = 64 * 1024;
/** Of a file that is sent nothing is called so. */
const UNPACKED = '#unpacked';
/** Folders within the folder of an upload. */
const DEEPEST = 4;

/**
 * Takes files into a folder of the server's own, each upload into one below it whose name is not its sender's: nothing can be
 * written elsewhere, or over something. What is cut off or too large leaves nothing behind.
 */
export class Uploads {
  readonly #folder: string;
  readonly #limits: UploadLimits;
  #open = 0;

  constructor(folder: string, limits: UploadLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  get most(): number {
    return this.#limits.most;
  }

  /** The files stand in the body one behind the other. */
  async take(body: ReadableStream<Uint8Array> | null, files: readonly UploadedFile[]): Promise<Uploaded> {
    if (this.#open >= 8) return FULL;
    const folder = this.room();
    this.#open++;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      if ((await sizeOf(this.#folder, DEEPEST)) > this.#limits.mostKept) return FULL;
      const paths = await this.#makePlaces(folder, files);
      const refused = await this.#write(paths, files, body);
      if (refused) await this.remove(folder);
      return refused ?? { folder, paths };
    } catch (cause) {
      await this.remove(folder).catch(() => undefined);
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (code === 'ENOSPC' || code === 'EDQUOT') return { status: 507, why: 'no room on the server’s disk' };
      if (cause instanceof Error && 'syscall' in cause && cause.syscall !== 'read')
        return { status: 507, why: `the server cannot write its folder of uploads (${code})` };
      return { status: 408, why: 'the upload was cut off' };
    } finally {
      this.#open--;
    }
  }

  /** A folder for one diagnosis, which is not there yet. */
  room(): string {
    return join(this.#folder, randomUUID());
  }

  /** Removes what a server that was killed left of diagnoses that did not come to an end. `dumps`: files that are in use. */
  async clear(dumps: readonly string[]): Promise<void> {
    const rooms = new Set(dumps.map((file) => this.roomOf(file)));
    const names = await readdir(this.#folder).catch(() => []);
    const left = names.map((name) => join(this.#folder, name)).filter((room) => !rooms.has(room));
    for (const room of left) await rm(room, { recursive: true, force: true }).catch(() => undefined);
  }

  /** The folder below which a file was taken; undefined for a file of somebody else's. */
  roomOf(file: string): string | undefined {
    const [first = '..'] = relative(this.#folder, file).split(sep);
    return first === '..' || first === '' ? undefined : join(this.#folder, first);
  }

  /** Removes the folder of an upload, and nothing that lies elsewhere. */
  async remove(folder: string): Promise<void> {
    const room = this.roomOf(folder);
    if (room !== undefined) await rm(room, { recursive: true, force: true });
  }

  /** Of what was uploaded into a folder only what was unpacked of it stays, where the dump is of that. */
  async keepDump(room: string, dump: string): Promise<void> {
    const [first] = relative(room, dump).split(sep);
    if (first !== UNPACKED) return;
    for (const name of await readdir(room))
      if (name !== UNPACKED) await rm(join(room, name), { recursive: true, force: true });
  }

  /** Where the dumps in an upload are unpacked to, and how many bytes they may have. */
  async unpacking(room: string): Promise<{ readonly folder: string; readonly bytes: number }> {
    const kept = await sizeOf(this.#folder, DEEPEST);
    return { folder: join(room, UNPACKED), bytes: kept > this.#limits.mostKept ? 0 : this.#limits.most };
  }

  /** Bytes of the folder of an upload. */
  async size(folder: string): Promise<number> {
    return sizeOf(folder, DEEPEST);
  }

  /** Each file by its name; a second one of the same name in a folder that is numbered. */
  async #makePlaces(folder: string, files: readonly UploadedFile[]): Promise<readonly string[]> {
    const taken = new Set<string>();
    const paths: string[] = [];
    for (const [i, { name }] of files.entries()) {
      const key = name.toLowerCase();
      // `#` is in no name.
      const place = taken.has(key) ? join(folder, `#${i + 1}`) : folder;
      taken.add(key);
      await mkdir(place, { recursive: true, mode: 0o700 });
      paths.push(join(place, name));
    }
    return paths;
  }

  async #write(
    paths: readonly string[],
    files: readonly UploadedFile[],
    body: ReadableStream<Uint8Array> | null,
  ): Promise<Refused | undefined> {
    const reader = body?.getReader();
    const clock = new SlowClock(this.#limits.patience);
    const places = new Places(paths, files);
    let size = 0;
    try {
      for (;;) {
        const next = await Promise.race([reader?.read(), clock.late]);
        if (next === 'slow') return { status: 408, why: 'hardly anything came for too long' };
        if (!next || next.done)
          return (await places.finish()) ? undefined : { status: 400, why: 'fewer bytes than the sizes of its files' };
        size += next.value.byteLength;
        clock.came(next.value.byteLength);
        if (size > this.#limits.most) return { status: 413, why: `larger than ${this.#limits.most} bytes` };
        if (!(await places.write(next.value))) return { status: 400, why: 'more bytes than the sizes of its files' };
      }
    } finally {
      clock.stop();
      // Not cancelled: that breaks the connection, and who still sends would not hear why.
      reader?.releaseLock();
      await places.close();
    }
  }
}

/** Files that are filled one after the other. */
class Places {
  readonly #paths: readonly string[];
  readonly #files: readonly UploadedFile[];
  #at = 0;
  #left = 0;
  #handle: FileHandle | undefined;

  constructor(paths: readonly string[], files: readonly UploadedFile[]) {
    this.#paths = paths;
    this.#files = files;
  }

  /** False where all are full. */
  async write(bytes: Uint8Array): Promise<boolean> {
    let rest = bytes;
    while (rest.length > 0) {
      if (!(await this.#next())) return false;
      const part = rest.subarray(0, Math.min(rest.length, this.#left));
      await this.#handle?.appendFile(part);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
    }
    return true;
  }

  /** False where one has fewer bytes than it should. */
  async finish(): Promise<boolean> {
    if (this.#left === 0) await this.#next();
    if (this.#left > 0 && this.#left < Infinity) return false;
    await this.close();
    for (const [i, { modified }] of this.#files.entries())
      if (modified !== undefined) await utimes(this.#paths[i] ?? '', modified / 1000, modified / 1000);
    return true;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Opens the first that has room; false where none has. */
  async #next(): Promise<boolean> {
    while (this.#left === 0 && this.#at < this.#paths.length) {
      await this.close();
      this.#handle = await open(this.#paths[this.#at] ?? '', 'wx', 0o600);
      this.#left = this.#files[this.#at++]?.size ?? Infinity;
    }
    return this.#left > 0;
  }
}

async function sizeOf(folder: string, deepest: number): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return deepest > 0 ? sizeOf(path, deepest - 1) : 0;
      return stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Rings when fewer than `LEAST` bytes came within the time. */
class SlowClock {
  readonly late: Promise<'slow'>;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(patience: number) {
    const { promise, resolve } = Promise.withResolvers<'slow'>();
    this.late = promise;
    this.#timer = setInterval(() => {
      if (this.#bytes < LEAST) resolve('slow');
      this.#bytes = 0;
    }, patience).unref();
  }

  came(bytes: number): void {
    this.#bytes += bytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
