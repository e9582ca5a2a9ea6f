import { fork, type ChildProcess } from 'node:child_process';
import { moduleBeside } from '../base/module-beside.ts';
import type { DumpQuestion } from '../pipeline/serve/answer-dump.ts';
import type { DumpOrder, DumpWord } from './dump-process.ts';

/** Where the answer to a question is. */
export type DumpState =
  | { readonly state: 'working'; readonly doing: string; readonly since: number }
  | { readonly state: 'done'; readonly body: string }
  | { readonly state: 'failed'; readonly problem: string; readonly at: number };

export interface DumpDeskOptions {
  /** Dumps that are open at once, each in a process of its own. */
  readonly atOnce?: number;
  /** Milliseconds that one question may take. */
  readonly patience?: number;
  /** Milliseconds after which a dump that nobody asks about is closed. */
  readonly idle?: number;
  /** Files with symbols or types of kernels whose dumps lack their own. */
  readonly symbols?: readonly string[];
}

interface Asked {
  readonly key: string;
  readonly question: DumpQuestion;
}

interface OpenDump {
  readonly path: string;
  readonly child: ChildProcess;
  asked: Asked | undefined;
  timer: NodeJS.Timeout | undefined;
  used: number;
}

const MEGABYTES = 2048;
const MOST_WAITING = 30;
/** Milliseconds that a failure stays. */
const TOLD = 60_000;
/** Characters of answers that are kept. */
const MOST_KEPT = 48 * 2 ** 20;

/**
 * Answers questions about dumps. Each open dump is held by a process, so that reading it stops nobody else, and ends with the
 * process when it takes too long or is cancelled. Answers are kept, the last used longest.
 */
export class DumpDesk {
  readonly #atOnce: number;
  readonly #patience: number;
  readonly #idle: number;
  readonly #symbols: readonly string[];
  readonly #open = new Map<string, OpenDump>();
  readonly #waiting: { readonly path: string; readonly asked: Asked }[] = [];
  readonly #states = new Map<string, DumpState>();
  #kept = 0;
  #clock = 0;

  constructor({ atOnce = 2, patience = 10 * 60_000, idle = 5 * 60_000, symbols = [] }: DumpDeskOptions = {}) {
    this.#symbols = symbols;
    this.#atOnce = atOnce;
    this.#patience = patience;
    this.#idle = idle;
  }

  /** Begins with what is not known yet, and with what failed a while ago. */
  ask(path: string, question: DumpQuestion): DumpState {
    const key = keyOf(path, question);
    const known = this.#states.get(key);
    if (known?.state === 'done') this.#keep(key, known);
    if (known && !(known.state === 'failed' && Date.now() - known.at > TOLD)) return known;
    if (this.#waiting.length >= MOST_WAITING) return failed('too many questions wait already; try later');
    const begun: DumpState = { state: 'working', doing: 'waiting for its turn', since: Date.now() };
    this.#states.set(key, begun);
    this.#waiting.push({ path, asked: { key, question } });
    this.#next();
    return this.#states.get(key) ?? begun;
  }

  /** Forgets that it failed, so that it is tried again. */
  retry(path: string, question: DumpQuestion): void {
    const key = keyOf(path, question);
    if (this.#states.get(key)?.state === 'failed') this.#states.delete(key);
  }

  /** As `ask`, and waits for the answer as long as that. */
  async wait(path: string, question: DumpQuestion, milliseconds: number): Promise<DumpState> {
    const end = Date.now() + milliseconds;
    for (;;) {
      const state = this.ask(path, question);
      if (state.state !== 'working' || Date.now() >= end) return state;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  /** What is thought of a question that was asked; undefined where it was not, or is forgotten. */
  look(path: string, question: DumpQuestion): DumpState | undefined {
    return this.#states.get(keyOf(path, question));
  }

  cancel(path: string, question: DumpQuestion): void {
    const key = keyOf(path, question);
    const waiting = this.#waiting.findIndex(({ asked }) => asked.key === key);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (this.#states.get(key)?.state === 'working') this.#states.set(key, failed('cancelled'));
    const open = this.#open.get(path);
    if (open?.asked?.key === key) this.#end(open);
    this.#next();
  }

  /** Closes a dump that is no longer there. */
  forget(path: string): void {
    const open = this.#open.get(path);
    if (open) this.#end(open);
    for (const [key, state] of this.#states) {
      if (!key.startsWith(`${path}\n`)) continue;
      if (state.state === 'done') this.#kept -= state.body.length;
      this.#states.delete(key);
    }
  }

  close(): void {
    this.#waiting.length = 0;
    for (const open of this.#open.values()) this.#end(open);
  }

  #next(): void {
    for (let i = 0; i < this.#waiting.length; i++) {
      const { path, asked } = this.#waiting[i] ?? {};
      const open = path === undefined || !asked ? undefined : this.#seat(path);
      if (!open || open.asked || !asked) continue;
      this.#waiting.splice(i--, 1);
      this.#put(open, asked);
    }
  }

  /** The process of a dump: its own, a new one, or one in place of that which was not asked for longest. */
  #seat(path: string): OpenDump | undefined {
    const known = this.#open.get(path);
    if (known) return known;
    if (this.#open.size >= this.#atOnce) {
      const idle = [...this.#open.values()].filter(({ asked }) => !asked).toSorted((a, b) => a.used - b.used)[0];
      if (!idle) return undefined;
      this.#end(idle);
    }
    const file = moduleBeside(import.meta.url, './dump-process');
    const child = fork(file, {
      execArgv: [`--max-old-space-size=${MEGABYTES}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const open: OpenDump = { path, child, asked: undefined, timer: undefined, used: 0 };
    child.on('message', (word) => this.#hear(open, word));
    child.on('error', () => this.#gone(open));
    child.once('exit', () => this.#gone(open));
    child.send({ path, symbols: this.#symbols } satisfies DumpOrder);
    this.#open.set(path, open);
    return open;
  }

  #put(open: OpenDump, asked: Asked): void {
    clearTimeout(open.timer);
    open.asked = asked;
    open.used = ++this.#clock;
    open.timer = setTimeout(() => {
      const problem = `took longer than ${Math.round(this.#patience / 60_000)} minutes`;
      this.#states.set(asked.key, failed(problem));
      this.#end(open);
      this.#next();
    }, this.#patience);
    this.#work(asked.key, 'starting');
    open.child.send({ question: asked.question } satisfies DumpOrder);
  }

  #hear(open: OpenDump, word: unknown): void {
    const { asked } = open;
    if (!asked || !isWord(word) || this.#open.get(open.path) !== open) return;
    if (word.kind === 'doing') {
      this.#work(asked.key, word.text);
      return;
    }
    if (word.kind === 'answer') this.#keep(asked.key, { state: 'done', body: word.body });
    else this.#states.set(asked.key, failed(word.problem));
    open.asked = undefined;
    clearTimeout(open.timer);
    open.timer = setTimeout(() => this.#end(open), this.#idle).unref();
    this.#next();
  }

  #work(key: string, doing: string): void {
    const known = this.#states.get(key);
    this.#states.set(key, { state: 'working', doing, since: known?.state === 'working' ? known.since : Date.now() });
  }

  #gone(open: OpenDump): void {
    if (this.#open.get(open.path) !== open) return;
    const problem = 'its process ended, perhaps for lack of memory';
    if (open.asked) this.#states.set(open.asked.key, failed(problem));
    this.#end(open);
    this.#next();
  }

  #end(open: OpenDump): void {
    clearTimeout(open.timer);
    if (this.#open.get(open.path) === open) this.#open.delete(open.path);
    open.child.kill('SIGKILL');
  }

  #keep(key: string, state: DumpState & { readonly state: 'done' }): void {
    const before = this.#states.get(key);
    if (before?.state === 'done') this.#kept -= before.body.length;
    this.#states.delete(key);
    this.#states.set(key, state);
    this.#kept += state.body.length;
    for (const [old, { state: is }] of this.#states) {
      if (this.#kept <= MOST_KEPT && this.#states.size < 2000) return;
      if (old === key || is === 'working') continue;
      const gone = this.#states.get(old);
      if (gone?.state === 'done') this.#kept -= gone.body.length;
      this.#states.delete(old);
    }
  }
}

const failed = (problem: string): DumpState => ({ state: 'failed', problem, at: Date.now() });

const keyOf = (path: string, question: DumpQuestion): string => `${path}\n${JSON.stringify(question)}`;

const isWord = (word: unknown): word is DumpWord => typeof word === 'object' && word !== null && 'kind' in word;
