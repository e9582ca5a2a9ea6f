import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

export interface UploadLimits {
  /** Bytes of one upload. */
  readonly most: number;
  /** Bytes of all uploads that are kept. */
  readonly mostKept: number;
  /** Milliseconds within which at least `LEAST` bytes have to come; else the upload is given up. */
  readonly patience: number;
}

/** `path`: where it lies; else why not, with the status to answer. */
export type Uploaded = { readonly path: string } | { readonly status: 408 | 413 | 507; readonly why: string };

/** Bytes: less than that in the time that patience lasts is nobody's line, and keeps others from theirs. */
const LEAST = 64 * 1024;

/**
 * Takes files into a folder of the server's own. A file's name is never its sender's: nothing can be written elsewhere, or over
 * something. What is cut off or too large leaves nothing behind.
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

  async take(body: ReadableStream<Uint8Array> | null): Promise<Uploaded> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const kept = await this.#kept();
    if (this.#open >= 8 || kept > this.#limits.mostKept)
      return { status: 507, why: 'the server keeps as many uploads as it may; try later' };
    const path = join(this.#folder, randomUUID());
    this.#open++;
    try {
      const refused = await this.#write(path, body);
      if (refused) await rm(path, { force: true });
      return refused ?? { path };
    } catch (cause) {
      await rm(path, { force: true });
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC')
        return { status: 507, why: 'no room on the server’s disk' };
      return { status: 408, why: 'the upload was cut off' };
    } finally {
      this.#open--;
    }
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  async #write(path: string, body: ReadableStream<Uint8Array> | null): Promise<Uploaded | undefined> {
    const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
    const failed = new Promise<never>((_, reject) => file.once('error', reject));
    failed.catch(() => undefined);
    const reader = body?.getReader();
    const clock = new SlowClock(this.#limits.patience);
    let size = 0;
    try {
      for (;;) {
        const next = await Promise.race([reader?.read(), failed, clock.late]);
        if (next === 'slow') return { status: 408, why: 'hardly anything came for too long' };
        if (!next || next.done) return undefined;
        size += next.value.byteLength;
        clock.came(next.value.byteLength);
        if (size > this.#limits.most) return { status: 413, why: `larger than ${this.#limits.most} bytes` };
        if (!file.write(next.value)) await Promise.race([once(file, 'drain'), failed]);
      }
    } finally {
      clock.stop();
      void reader?.cancel().catch(() => undefined);
      const closed = once(file, 'close');
      file.end();
      await closed;
    }
  }

  async #kept(): Promise<number> {
    const names = await readdir(this.#folder);
    const sizes = await Promise.all(
      names.map(async (name) =>
        stat(join(this.#folder, name)).then(
          (s) => s.size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
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
