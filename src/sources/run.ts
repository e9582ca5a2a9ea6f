import { defaultLimits, type Limits } from './limits.ts';
import type { OpenOptions, Unread } from './source-file.ts';
import type { DumpRoom } from './vmcore/dump-room.ts';

/** Of one reason, this many things are named; the others are counted. */
const NAMED = 20;
/** Milliseconds of reading before signals, timers and sockets get their turn. */
const BREATH = 25;
const PROGRESS_EVERY = 100;
/** Reasons told apart; beyond that they are counted together, so that damage cannot make the list endless. */
const MOST_REASONS = 200;

/** The reading of one input: what was spent of the limits, what was not read, how far it is. */
export class Run {
  readonly input: string;
  readonly limits: Limits;
  readonly #options: OpenOptions;
  readonly #unread: (unread: Unread) => void;
  readonly #reasons = new Map<string, number>();
  #over = false;
  #spent = 0;
  #entries = 0;
  #files = 0;
  #passedOver = 0;
  #bytes = 0;
  #totalBytes: number | undefined;
  #name = '';
  #breath = performance.now();
  #shown = 0;

  constructor(input: string, options: OpenOptions, unread: (unread: Unread) => void) {
    this.input = input;
    this.limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#unread = unread;
  }

  get unpack(): DumpRoom | undefined {
    return this.#options.unpack;
  }

  /** True once a limit of the whole input was hit; nothing more is read. */
  get over(): boolean {
    return this.#over;
  }

  /** Counts an entry; false where there were too many. */
  enter(name: string): boolean {
    this.#name = name;
    if (++this.#entries > this.limits.entries) this.#stop(`more than ${this.limits.entries} files`);
    return !this.#over;
  }

  /** Counts bytes that were read or decompressed; false where there were too many. */
  spend(bytes: number): boolean {
    this.#spent += bytes;
    if (this.#spent > this.limits.totalBytes) this.#stop(`more than ${this.limits.totalBytes} bytes`);
    return !this.#over;
  }

  /** Counts bytes of the input itself, for progress; `total` where it is known how many it has. */
  advance(bytes: number, total?: number): void {
    this.#bytes += bytes;
    if (total !== undefined) this.#totalBytes = total;
  }

  openFile(): void {
    this.#files++;
  }

  passOver(): void {
    this.#passedOver++;
  }

  tell(unread: Unread): void {
    this.throwIfAborted();
    const reason = this.#reasons.size < MOST_REASONS || this.#reasons.has(unread.why) ? unread.why : 'other reasons';
    const times = (this.#reasons.get(reason) ?? 0) + 1;
    this.#reasons.set(reason, times);
    if (times <= NAMED) this.#unread(unread);
  }

  throwIfAborted(): void {
    this.#options.signal?.throwIfAborted();
  }

  /** Lets the rest of the process run, now and then: reading itself never waits where the kernel answers at once. */
  async breathe(): Promise<void> {
    this.throwIfAborted();
    const now = performance.now();
    if (now - this.#breath < BREATH) return;
    this.#show(now, false);
    await new Promise((resolve) => setImmediate(resolve));
    this.#breath = performance.now();
    this.throwIfAborted();
  }

  finish(): void {
    for (const [why, times] of this.#reasons)
      if (times > NAMED) this.#unread({ what: `${this.input}: ${times - NAMED} more files`, why });
    this.#reasons.clear();
    this.#show(performance.now(), true);
  }

  #stop(limit: string): void {
    if (this.#over) return;
    this.#over = true;
    this.tell({ what: this.input, why: `holds ${limit}; reading stopped at ${this.#name || 'its beginning'}` });
  }

  #show(now: number, done: boolean): void {
    if (!done && now - this.#shown < PROGRESS_EVERY) return;
    this.#shown = now;
    this.#options.progress?.({
      input: this.input,
      name: this.#name,
      files: this.#files,
      bytes: this.#bytes,
      ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }),
      passedOver: this.#passedOver,
      done,
    });
  }
}
