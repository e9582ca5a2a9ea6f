import { fork, type ChildProcess } from 'node:child_process';
import { moduleBeside } from '../base/module-beside.ts';
import type { JobRow } from '../report/web/job-page.ts';

/** A diagnosis that runs in a process of its own: it can be cancelled, and what it takes ends with it. */
export type Job = JobRow;

/** What the process of a job says. */
export type JobWord =
  | { readonly kind: 'progress'; readonly doing: string; readonly detail?: string; readonly share?: number }
  | ({ readonly kind: 'done' } & JobAnswer)
  | { readonly kind: 'failed'; readonly problem: string };

/** A document, and the file of the dump that it is about. */
export interface JobAnswer {
  readonly body: string;
  readonly dump?: string;
}

export interface JobOrder {
  readonly paths: readonly string[];
  /** Where dumps that are packed are unpacked to, and bytes that they may have. */
  readonly unpack: { readonly folder: string; readonly bytes: number };
  /** Files with symbols or types of kernels whose dumps lack their own. */
  readonly symbols: readonly string[];
}

interface Ordered {
  readonly id: string;
  readonly order: JobOrder;
  /** Files in what the process says become what people call them. */
  readonly spell: (text: string) => string;
  /** Keeps the answer and tells the document's number; undefined where it could not. */
  readonly done: (answer: JobAnswer) => number | undefined;
  /** Called where there will be no answer. */
  readonly failed: () => void;
}

type Change = Partial<Omit<Job, 'id' | 'title'>>;

const MOST_WAITING = 50;
const KEPT = 200;
/** Milliseconds. */
const TIME_LIMIT = 15 * 60_000;
const MEGABYTES = 2048;

/** Runs as many jobs at once as are allowed, the others wait. */
export class Jobs {
  readonly #atOnce: number;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, ChildProcess>();
  readonly #waiting: Ordered[] = [];
  readonly #listeners = new Set<(job: Job) => void>();
  #count = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  list(): readonly Job[] {
    return [...this.#jobs.values()].toReversed();
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Others that come before it. */
  ahead(id: string): number {
    const at = this.#waiting.findIndex((one) => one.id === id);
    return at < 0 ? 0 : at + this.#running.size;
  }

  /** Undefined where too many wait. */
  add(title: string, ordered: Omit<Ordered, 'id'>): Job | undefined {
    if (this.#waiting.length >= MOST_WAITING) return undefined;
    const id = `${Date.now().toString(36)}-${++this.#count}`;
    const job: Job = { id, title, state: 'waiting', progress: 'waiting for its turn', started: Date.now() };
    this.#jobs.set(id, job);
    this.#waiting.push({ id, ...ordered });
    this.#forgetOld();
    this.#next();
    return job;
  }

  cancel(id: string): boolean {
    const at = this.#waiting.findIndex((one) => one.id === id);
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    const child = this.#running.get(id);
    if (!waiting && !child) return false;
    this.#change(id, { state: 'cancelled', progress: 'cancelled' });
    waiting?.failed();
    child?.kill('SIGKILL');
    return true;
  }

  listen(listener: (job: Job) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#waiting.length = 0;
    for (const child of this.#running.values()) child.kill('SIGKILL');
  }

  #next(): void {
    while (this.#running.size < this.#atOnce) {
      const one = this.#waiting.shift();
      if (!one) return;
      this.#run(one);
    }
  }

  #run(ordered: Ordered): void {
    const { id, order } = ordered;
    const file = moduleBeside(import.meta.url, './job-process');
    const child = fork(file, {
      execArgv: [`--max-old-space-size=${MEGABYTES}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let isKept = false;
    this.#running.set(id, child);
    this.#change(id, { state: 'running', progress: 'starting', started: Date.now() });
    const late = setTimeout(() => {
      this.#change(id, { state: 'failed', problem: `took longer than ${TIME_LIMIT / 60_000} minutes` });
      child.kill('SIGKILL');
    }, TIME_LIMIT);
    child.on('message', (word) => {
      isKept ||= this.#hear(ordered, word);
    });
    child.once('exit', () => {
      clearTimeout(late);
      this.#running.delete(id);
      if (this.find(id)?.state === 'running')
        this.#change(id, { state: 'failed', problem: 'its process ended, perhaps for lack of memory' });
      if (!isKept) ordered.failed();
      this.#next();
    });
    child.send(order);
  }

  /** Whether the answer came and is kept. */
  #hear({ id, spell, done }: Ordered, word: unknown): boolean {
    if (!isWord(word) || this.find(id)?.state !== 'running') return false;
    if (word.kind === 'progress')
      this.#change(id, { progress: word.doing, detail: spell(word.detail ?? ''), share: word.share });
    else if (word.kind === 'failed') this.#change(id, { state: 'failed', problem: spell(word.problem) });
    else {
      const kept = attempt(() => done(word));
      this.#change(
        id,
        typeof kept === 'number'
          ? { state: 'done', progress: 'done', document: kept }
          : { state: 'failed', problem: `the answer could not be kept: ${kept ?? 'no room on the disk'}` },
      );
      return typeof kept === 'number';
    }
    return false;
  }

  #change(id: string, change: Change): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    const changed = { ...job, ...change };
    this.#jobs.set(id, changed);
    for (const listener of this.#listeners) listener(changed);
  }

  #forgetOld(): void {
    for (const [id, { state }] of this.#jobs) {
      if (this.#jobs.size <= KEPT) return;
      if (state !== 'running' && state !== 'waiting') this.#jobs.delete(id);
    }
  }
}

const isWord = (word: unknown): word is JobWord => typeof word === 'object' && word !== null && 'kind' in word;

/** A database that cannot be used takes this answer with it, and nothing else. */
function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
