import { open, readdir, stat } from 'node:fs/promises';
import { constants } from 'node:fs';

/** What a file of this host held, or why not: the system's error code, `ETIMEDOUT` where it did not answer. */
type TimedContent = { readonly content: Buffer } | { readonly error: string };
type TimedNames = { readonly names: readonly string[] } | { readonly error: string };

/** Node's pool has four threads; a file that hangs holds one until the kernel lets go of it. */
const MOST_LOST = 3;
const READ_AT_ONCE = 64 * 1024;
const STEPS = 20;

/**
 * Reads files of this host for what runs for days: in this process, without one beside it that would cost as much memory
 * again. A file that does not answer in time is given up and not asked again before it did; what else there is goes on.
 */
export class TimedReader {
  readonly #timeLimit: number;
  /** Requests that were given up and have not come back. */
  readonly #lost = new Set<string>();

  /** `timeLimit`: milliseconds for one request. */
  constructor(timeLimit: number) {
    this.#timeLimit = timeLimit;
  }

  /** True while some file holds a thread of this process, which then cannot end by itself. */
  get held(): boolean {
    return this.#lost.size > 0;
  }

  /** At most `most` bytes of a file. */
  async read(path: string, most: number): Promise<TimedContent> {
    const reply = await this.#timed(path, () => readUpTo(path, most));
    return 'value' in reply ? { content: reply.value } : reply;
  }

  async names(folder: string): Promise<TimedNames> {
    const reply = await this.#timed(folder, () => readdir(folder));
    return 'value' in reply ? { names: reply.value } : reply;
  }

  /** What tells one file or folder of a name from the next, and when it was written; undefined where there is none. */
  async stamp(path: string): Promise<string | undefined> {
    const reply = await this.#timed(path, () => stat(path, { bigint: true }));
    return 'value' in reply ? `${reply.value.ino} ${reply.value.mtimeNs}` : undefined;
  }

  async #timed<T>(what: string, work: () => Promise<T>): Promise<{ value: T } | { error: string }> {
    if (this.#lost.has(what) || this.#lost.size >= MOST_LOST) return { error: 'ETIMEDOUT' };
    const request = work().then(
      (value) => ({ value }),
      (cause: unknown) => ({ error: codeOf(cause) }),
    );
    const reply = await inTime(request, this.#timeLimit);
    if (reply) return reply;
    this.#lost.add(what);
    void request.then(() => this.#lost.delete(what));
    return { error: 'ETIMEDOUT' };
  }
}

async function readUpTo(path: string, most: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const parts: Buffer[] = [];
    for (let bytes = 0; bytes < most;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_AT_ONCE, most - bytes));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    return Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

/**
 * Time is counted in steps: while this process waits for a CPU, or is busy itself, the kernel's answer may lie there unread, and
 * all that time is one step.
 */
async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const late = new Promise<undefined>((resolve) => {
    let left = STEPS;
    timer = setInterval(() => --left === 0 && resolve(undefined), milliseconds / STEPS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearInterval(timer);
  }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
