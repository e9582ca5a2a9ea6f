import { createInterface, type Interface } from 'node:readline';
import { Completer } from '../../../pipeline/core/shell/complete.ts';
import type { Shell } from '../../../pipeline/core/shell/shell.ts';
import { History, historyFile } from './history.ts';
import type { LineRunner } from './run-line.ts';

const PROMPT = 'kleak> ';
const MOST_HISTORY = 1000;

/** Reads lines from whatever is no terminal and runs them, until one ends the shell or there are no more. */
export async function runLines(runner: LineRunner): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, terminal: false });
  try {
    for await (const line of lines) if (!(await runner.run(line))) return;
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}

/** A prompt on a terminal: history, completion, Ctrl-C ends a command or clears the line, Ctrl-D ends the shell. */
export async function prompt(shell: Shell, runner: LineRunner): Promise<void> {
  const history = new History(historyFile(process.env));
  const terminal = openTerminal(shell, history);
  const lines = new TypedLines(terminal);
  const interrupt = (): void => runner.stop();
  process.on('SIGINT', interrupt);
  try {
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
      history.add(line);
      if (!(await lines.aside(() => runner.run(line ?? '')))) return;
    }
    process.stdout.write('\n');
  } finally {
    process.off('SIGINT', interrupt);
    terminal.close();
  }
}

/** Lines as they are typed or pasted, one at a time. */
class TypedLines {
  readonly #terminal: Interface;
  readonly #waiting: string[] = [];
  #wake = (): void => undefined;
  #isOpen = true;

  constructor(terminal: Interface) {
    this.#terminal = terminal;
    terminal
      .on('line', (line) => {
        this.#waiting.push(line);
        this.#wake();
      })
      .on('SIGINT', () => clearLine(terminal))
      .once('close', () => {
        this.#isOpen = false;
        this.#wake();
      });
  }

  /** Undefined where there are no more. */
  async next(): Promise<string | undefined> {
    if (this.#waiting.length === 0 && this.#isOpen) {
      this.#terminal.prompt();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#waiting.shift();
  }

  /** While `work` is done the terminal belongs to it: a pager may read from it, and Ctrl-C is a signal. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#terminal.pause();
    process.stdin.setRawMode(false);
    const result = await work();
    if (this.#isOpen) {
      process.stdin.setRawMode(true);
      this.#terminal.resume();
    }
    return result;
  }
}

function openTerminal(shell: Shell, history: History): Interface {
  const completer = new Completer(shell);
  return createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    prompt: PROMPT,
    history: history.latestFirst,
    historySize: MOST_HISTORY,
    removeHistoryDuplicates: true,
    completer: (line: string): [string[], string] => {
      const { candidates, typed } = completer.complete(line);
      return [[...candidates], typed];
    },
  });
}

/** As shells do: what was typed stays to be read, and a new line begins. */
function clearLine(terminal: Interface): void {
  process.stdout.write('^C\n');
  terminal.write(null, { ctrl: true, name: 'e' });
  terminal.write(null, { ctrl: true, name: 'u' });
  terminal.prompt();
}
