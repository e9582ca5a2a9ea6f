import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../../base/byte-source.ts';

/** Reads up to this long are served from a window of the file that is kept; a system call for each would cost more. */
const SMALL = 4096;
const WINDOW = 64 * 1024;

/** A file open for random reads. Errors of the system (a bad disk, /proc/kcore) are thrown as node:fs gives them. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #fd: number;
  readonly #window: Uint8Array = new Uint8Array(WINDOW);
  #start = 0;
  #held = 0;
  #open = true;

  constructor(path: string) {
    this.name = path;
    // Non-blocking, so that a pipe cannot hold the run.
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    this.size = fstatSync(this.#fd).size;
  }

  read(offset: number, target: Uint8Array): number {
    if (target.length > SMALL) return this.#readAt(offset, target);
    const behind = offset - this.#start;
    if (behind < 0 || behind + target.length > this.#held) {
      this.#held = 0;
      this.#start = offset;
      this.#held = this.#readAt(offset, this.#window);
    }
    const from = offset - this.#start;
    const length = Math.max(0, Math.min(target.length, this.#held - from));
    for (let i = 0; i < length; i++) target[i] = this.#window[from + i] ?? 0;
    return length;
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  #readAt(offset: number, target: Uint8Array): number {
    let done = 0;
    while (done < target.length) {
      const got = readSync(this.#fd, target, done, target.length - done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }
}
