import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { moduleBeside } from '../../base/module-beside.ts';
import type { HostAnswer, HostRequest, HostResult } from './host-reader.ts';

/** What a request came to. */
export class HostReply {
  /** The system's error code, where reading failed. */
  readonly error?: string;
  /** True where there was more. */
  readonly cut?: true;
  readonly processes?: HostResult['processes'];
  /** In the parts it was read; nothing where the time was over before the end. */
  readonly parts: readonly Buffer[];

  constructor({ error, cut, processes }: HostResult, parts: readonly Buffer[] = []) {
    if (error !== undefined) this.error = error;
    if (cut) this.cut = cut;
    if (processes) this.processes = processes;
    this.parts = parts;
  }

  /** All parts in one. */
  get content(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Milliseconds for the reader to begin: on a host that is short of memory or CPU that takes longer than any file. */
const START = 30_000;
/** Readers that may be lost to files that hang before the rest is given up. */
const MOST_LOST = 6;
const script = fileURLToPath(moduleBeside(import.meta.url, './host-reader'));
/** It holds one part of one file at a time; most of what it would take otherwise is room for garbage. */
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/**
 * Has files of this host read by another process, each within a time limit. A reader that hangs is left behind: it is
 * killed, which takes effect when the kernel lets go of it, and neither it nor its pipes keep this process alive.
 */
export class HostClient {
  readonly #timeLimit: number;
  #reader: Reader | undefined;
  #lost = 0;

  /** `timeLimit`: milliseconds for one request. */
  constructor(timeLimit: number) {
    this.#timeLimit = timeLimit;
  }

  async ask(request: HostRequest): Promise<HostReply> {
    if (this.#lost >= MOST_LOST) return new HostReply({ error: 'ETIMEDOUT' });
    this.#reader ??= new Reader();
    const reply = await this.#reader.ask(request, this.#timeLimit + (request.time ?? 0));
    if (reply.error === 'ETIMEDOUT' || reply.error === 'ECHILD') {
      this.close();
      this.#lost++;
    }
    return reply;
  }

  close(): void {
    this.#reader?.abandon();
    this.#reader = undefined;
  }
}

class Reader {
  readonly #child: ChildProcess;
  #received: Buffer[] = [];
  #bytes = 0;
  #failed = false;
  #greeted = false;
  #wake: () => void = () => undefined;

  constructor() {
    this.#child = spawn(process.execPath, ['--no-warnings', ...SMALL_HEAP, script, 'serve'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      detached: false,
    });
    const fail = (): void => {
      this.#failed = true;
      this.#wake();
    };
    this.#child.on('error', fail).on('exit', fail);
    this.#child.stdin?.on('error', fail);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#bytes += chunk.length;
      this.#wake();
    });
  }

  async ask(request: HostRequest, timeLimit: number): Promise<HostReply> {
    if (!this.#greeted) {
      const greeting = await this.#answer(START);
      if (greeting.error !== undefined) return greeting;
      this.#greeted = true;
    }
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#answer(timeLimit);
  }

  async #answer(timeLimit: number): Promise<HostReply> {
    const deadline = performance.now() + timeLimit;
    const parts: Buffer[] = [];
    for (;;) {
      for (let part = this.#take(); part; part = this.#take()) {
        const { bytes: _, more, ...result } = part.head;
        if (part.content.length > 0) parts.push(part.content);
        if (more !== true) return new HostReply(result, parts);
      }
      const left = deadline - performance.now();
      if (this.#failed || left <= 0) return new HostReply({ error: this.#failed ? 'ECHILD' : 'ETIMEDOUT' });
      await this.#news(left);
    }
  }

  abandon(): void {
    this.#child.kill('SIGKILL');
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.unref();
  }

  async #news(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(): { readonly head: HostAnswer; readonly content: Buffer } | undefined {
    let end = this.#received[0]?.indexOf(10) ?? -1;
    if (end < 0) {
      if (this.#received.length < 2) return undefined;
      this.#received = [Buffer.concat(this.#received)];
      end = this.#received[0]?.indexOf(10) ?? -1;
      if (end < 0) return undefined;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other end is host-reader.ts, compiled with it
    const head = JSON.parse(this.#received[0]?.toString('utf8', 0, end) ?? '') as HostAnswer;
    const whole = end + 1 + head.bytes;
    if (this.#bytes < whole) return undefined;
    const all = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received);
    if (all === undefined) return undefined;
    this.#received = all.length > whole ? [all.subarray(whole)] : [];
    this.#bytes = all.length - whole;
    return { head, content: all.subarray(end + 1, whole) };
  }
}
