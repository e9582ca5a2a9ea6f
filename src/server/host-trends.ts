import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { moduleBeside } from '../base/module-beside.ts';
import type { TrendDocument } from '../findings/trend.ts';

/** What the process answers: no trend where there are too few samples, else its JSON, deflated. */
export interface TrendWord {
  readonly host: string;
  readonly trend?: Uint8Array;
}

interface Known {
  /** Deflated: as an object it is half a megabyte, and there are hundreds. */
  readonly trend: Uint8Array | undefined;
  readonly at: number;
  readonly samples: number;
}

/** Milliseconds that a trend is good for while samples come. */
const FRESH = 5 * 60_000;
const MOST_KNOWN = 500;
/** Of more hosts that are looked at, the first is forgotten: who looks again asks again. */
const MOST_WAITING = 50;
/** Below everything that a page waits for. */
const NICE = 15;

const script: string = fileURLToPath(moduleBeside(import.meta.url, './host-trend-process'));

/**
 * What grows on a host, since when and what changed then: measured when somebody looks at it, which takes a second or two, by a
 * process that steps back for all others. Who looked last is served first.
 */
export class HostTrends {
  readonly #file: string;
  readonly #heard: (host: string) => void;
  readonly #known = new Map<string, Known>();
  /** Hosts and how many samples they had when they were asked for. */
  readonly #waiting = new Map<string, number>();
  #current: { readonly host: string; readonly samples: number } | undefined;
  #child: ChildProcess | undefined;

  /** `file`: the database, which the process opens for itself. `heard` is told of each host that was measured. */
  constructor(file: string, heard: (host: string) => void) {
    this.#file = file;
    this.#heard = heard;
  }

  /** What is known, and whether more will be. */
  of(host: string, samples: number): { readonly trend: TrendDocument | undefined; readonly pending: boolean } {
    const known = this.#known.get(host);
    const isOld = !known || (known.samples !== samples && performance.now() - known.at > FRESH);
    if (isOld) this.#ask(host, samples);
    return { trend: known?.trend && unpack(known.trend), pending: isOld };
  }

  close(): void {
    this.#waiting.clear();
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }

  #ask(host: string, samples: number): void {
    if (host === this.#current?.host) return;
    this.#waiting.delete(host);
    this.#waiting.set(host, samples);
    const [first] = this.#waiting.keys();
    if (this.#waiting.size > MOST_WAITING && first !== undefined) this.#waiting.delete(first);
    this.#next();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const last = [...this.#waiting].at(-1);
    if (!last) return;
    const [host, samples] = last;
    this.#waiting.delete(host);
    this.#current = { host, samples };
    this.#child ??= this.#start();
    this.#child.send(host);
  }

  #start(): ChildProcess {
    const child = fork(script, [this.#file], {
      execArgv: ['--max-old-space-size=512'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    if (child.pid !== undefined) setPriority(child.pid, NICE);
    child.on('message', (word) => {
      if (this.#child !== child || !isWord(word)) return;
      this.#note(word.host, word.trend);
    });
    child.on('error', () => this.#gone(child));
    child.once('exit', () => this.#gone(child));
    return child;
  }

  #note(host: string, trend: Uint8Array | undefined): void {
    this.#known.delete(host);
    this.#known.set(host, { trend, at: performance.now(), samples: this.#current?.samples ?? 0 });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#current = undefined;
    this.#heard(host);
    this.#next();
  }

  /** A process that dies takes only the host with it: nothing is known of that until samples come. */
  #gone(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#current) this.#note(this.#current.host, undefined);
  }
}

const isWord = (word: unknown): word is TrendWord => typeof word === 'object' && word !== null && 'host' in word;

function unpack(packed: Uint8Array): TrendDocument | undefined {
  const document: unknown = JSON.parse(inflateRawSync(packed).toString());
  return isTrend(document) ? document : undefined;
}

/** Our own process made it. */
const isTrend = (document: unknown): document is TrendDocument => typeof document === 'object' && document !== null;
