import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../../base/byte-source.ts';
import { explainSystem } from '../local-file.ts';

/** Reads up to this long come from a window of the file that is kept: a system call for each would cost more. */
const SMALL = 4096;
const LARGEST_WINDOW = 128 * 1024;
const LIVE_SIZE = 2 ** 40;

/** A file open for random reads. What the system cannot read (a bad disk, a page of a live kernel) ends a read early. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** Whether the file is on no disk: /proc/kcore, whose size is that of the kernel's address space. */
  readonly isLive: boolean;
  readonly #fd: number;
  readonly #window: Uint8Array = new Uint8Array(LARGEST_WINDOW);
  #start = 0;
  #held = 0;
  #ahead = SMALL;
  #failure: string | undefined;
  #open = true;

  /** Throws the system's error where the file cannot be opened. */
  constructor(path: string, name: string = path) {
    this.name = name;
    // Non-blocking, so that a pipe cannot hold the run.
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(this.#fd);
    this.isLive = stats.blocks === 0 && stats.size >= LIVE_SIZE;
    this.size = stats.size;
  }

  /** The first error of the system, in words. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Bytes that the file has gained or lost since it was opened. */
  get growth(): number {
    return fstatSync(this.#fd).size - this.size;
  }

  read(offset: number, target: Uint8Array): number {
    if (target.length > SMALL) return this.#readAt(offset, target);
    if (offset < this.#start || offset + target.length > this.#start + this.#held) this.#move(offset);
    const from = offset - this.#start;
    const length = Math.max(0, Math.min(target.length, this.#held - from));
    if (length < 32) for (let i = 0; i < length; i++) target[i] = this.#window[from + i] ?? 0;
    else target.set(this.#window.subarray(from, from + length));
    return length;
  }

  /** What a live file has from an offset on that a number may not hold exactly. */
  from(base: bigint): ByteSource {
    return { name: this.name, size: Infinity, read: (offset, target) => this.#readAt(base + BigInt(offset), target) };
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  /** The window grows while reads run through the file without a step aside, and is small where they jump. */
  #move(offset: number): void {
    const runsOn = offset >= this.#start && offset <= this.#start + this.#held;
    this.#ahead = runsOn ? Math.min(LARGEST_WINDOW, this.#ahead * 2) : SMALL;
    this.#held = 0;
    this.#start = offset;
    this.#held = this.#readAt(offset, this.#window.subarray(0, this.#ahead));
  }

  #readAt(offset: number | bigint, target: Uint8Array): number {
    if (!this.#open) throw new Error(`${this.name} was closed`);
    let done = 0;
    while (done < target.length) {
      const at = typeof offset === 'bigint' ? offset + BigInt(done) : offset + done;
      const got = this.#readSome(at, target, done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  #readSome(offset: number | bigint, target: Uint8Array, done: number): number {
    try {
      return readSync(this.#fd, target, done, target.length - done, offset);
    } catch (cause) {
      this.#failure ??= explainSystem(cause);
      return 0;
    }
  }
}
