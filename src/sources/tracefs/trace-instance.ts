import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { InputError } from '../input-error.ts';
import { codeOf } from './find-tracefs.ts';

/** Called with each page that was read; it is overwritten by the next. */
export type OnPage = (cpu: number, page: DataView) => void;

/** Larger than any page of a trace buffer: each read gives one. */
const READ_AT_ONCE = 2 ** 16;
const NAME = /^kleak-(\d{1,10})(?:-\w+)?$/;

/**
 * A trace buffer of its own in tracefs, beside the one that others may use: `instances/kleak-PID`. The only place where kleak
 * writes to tracefs: nothing outside of the instance's folder is changed, and all of it is gone with the folder.
 */
export class TraceInstance {
  readonly folder: string;
  /** Not a DataView: Node's own check of the argument goes wrong for one once it has been compiled. */
  readonly #page = new Uint8Array(READ_AT_ONCE);
  readonly #pipes = new Map<number, number>();
  #removed = false;

  /** Makes the folder `instances/kleak-PID-PART`. Throws InputError where the kernel does not allow it. */
  constructor(tracefs: string, part: string, pid: number = process.pid) {
    this.folder = `${tracefs}/instances/kleak-${pid}-${part}`;
    try {
      mkdirSync(this.folder);
    } catch (cause) {
      throw new InputError(`${tracefs}/instances`, `no trace instance can be made: ${codeOf(cause)}`, remedyOf(cause), {
        cause,
      });
    }
  }

  /** False where this kernel does not have the file or does not take the value. */
  set(file: string, value: string): boolean {
    try {
      writeFileSync(`${this.folder}/${file}`, value, { flag: 'w' });
      return true;
    } catch {
      return false;
    }
  }

  /** As `set`, for what the trace cannot do without. */
  mustSet(file: string, value: string): void {
    if (!this.set(file, value))
      throw new InputError(`${this.folder}/${file}`, `the kernel does not take “${value}”`, 'see docs/trace.md');
  }

  has(file: string): boolean {
    return existsSync(`${this.folder}/${file}`);
  }

  read(file: string): string {
    return readFileSync(`${this.folder}/${file}`, 'utf8');
  }

  /** A file of tracefs itself: formats that an instance has no copy of. */
  readBeside(tracefs: string, file: string): string {
    return readFileSync(`${tracefs}/${file}`, 'utf8');
  }

  get cpus(): readonly number[] {
    return readdirSync(`${this.folder}/per_cpu`)
      .flatMap((name) => (/^cpu\d+$/.test(name) ? [Number(name.slice(3))] : []))
      .toSorted((a, b) => a - b);
  }

  /** Hands over every page that is there now. Gives how many. */
  drain(onPage: OnPage): number {
    if (this.#pipes.size === 0) for (const cpu of this.cpus) this.#open(cpu);
    let pages = 0;
    for (const [cpu, pipe] of this.#pipes) pages += this.#drain(cpu, pipe, onPage);
    return pages;
  }

  #open(cpu: number): void {
    const path = `${this.folder}/per_cpu/cpu${cpu}/trace_pipe_raw`;
    this.#pipes.set(cpu, openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  }

  #drain(cpu: number, pipe: number, onPage: OnPage): number {
    for (let pages = 0; ; pages++) {
      let length = 0;
      try {
        length = readSync(pipe, this.#page);
      } catch (cause) {
        if (codeOf(cause) !== 'EAGAIN' && codeOf(cause) !== 'EINTR') throw cause;
      }
      if (length === 0) return pages;
      onPage(cpu, new DataView(this.#page.buffer, 0, length));
    }
  }

  /** Ends the trace and removes the instance; the kernel frees its buffers and forgets its filters. */
  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    this.set('tracing_on', '0');
    for (const pipe of this.#pipes.values()) closeSync(pipe);
    this.#pipes.clear();
    rmdirSync(this.folder);
  }
}

/**
 * Removes instances of runs that were killed: their process is gone. One that still runs holds its files open, so that the
 * kernel would refuse. Gives the names of those removed.
 */
export function removeLeftovers(tracefs: string, root = ''): readonly string[] {
  return names(`${tracefs}/instances`).filter((name) => {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || existsSync(`${root}/proc/${pid}`)) return false;
    try {
      rmdirSync(`${tracefs}/instances/${name}`);
      return true;
    } catch {
      return false;
    }
  });
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remedyOf(cause: unknown): string {
  switch (codeOf(cause)) {
    case 'EACCES':
    case 'EPERM':
      return process.getuid?.() === 0 ? 'the kernel may be locked down, or this is a container' : 'run as root';
    case 'ENOMEM':
      return 'there is too little memory for its buffers';
    case 'EEXIST':
      return 'another trace of this process runs';
    default:
      return 'it needs Linux 3.10 or newer';
  }
}
