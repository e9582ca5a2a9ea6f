import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { moduleBeside } from '../base/module-beside.ts';
import type { HostJudgement } from '../pipeline/serve/ledger.ts';

/** What the thread answers. */
export interface Judged {
  readonly host: string;
  readonly judgement: HostJudgement;
}

const script: string = fileURLToPath(moduleBeside(import.meta.url, './judge-thread'));

/**
 * Has hosts judged by a thread, one after the other: a judgement takes a twentieth of a second, which no page should wait for. A
 * thread that dies takes only the host with it; the next question starts another one.
 */
export class Judge {
  readonly #file: string;
  readonly #heard: (judged: Judged) => void;
  /** Hosts to be judged, in the order they are. */
  readonly #waiting = new Set<string>();
  #thread: Worker | undefined;
  #current: string | undefined;

  /** `file`: the database, which the thread opens for itself. */
  constructor(file: string, heard: (judged: Judged) => void) {
    this.#file = file;
    this.#heard = heard;
  }

  /** `first`: somebody looks at this one. */
  ask(host: string, { first = false }: { readonly first?: boolean } = {}): void {
    if (host === this.#current) return;
    if (!first || this.#waiting.size === 0) this.#waiting.add(host);
    else {
      const others = [...this.#waiting].filter((one) => one !== host);
      this.#waiting.clear();
      for (const one of [host, ...others]) this.#waiting.add(one);
    }
    this.#next();
  }

  async close(): Promise<void> {
    this.#waiting.clear();
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const [host] = this.#waiting;
    if (host === undefined) return;
    this.#waiting.delete(host);
    this.#current = host;
    this.#thread ??= this.#start();
    this.#thread.postMessage(host);
  }

  #start(): Worker {
    const thread = new Worker(script, { workerData: this.#file });
    thread.unref();
    const done = (): void => {
      this.#current = undefined;
      this.#next();
    };
    thread.on('message', (word: unknown) => {
      if (this.#thread !== thread || !isJudged(word)) return;
      this.#heard(word);
      done();
    });
    thread.once('error', (cause) => {
      process.stderr.write(`kleak serve: a host could not be judged: ${JSON.stringify(String(cause))}\n`);
    });
    thread.once('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      done();
    });
    return thread;
  }
}

const isJudged = (word: unknown): word is Judged => typeof word === 'object' && word !== null && 'judgement' in word;
