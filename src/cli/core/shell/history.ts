import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const MOST_LINES = 1000;

/** Lines that were typed, kept from one session to the next. Where that cannot be done there is none, and no error. */
export class History {
  readonly #file: string;
  readonly #lines: string[];

  constructor(file: string) {
    this.#file = file;
    this.#lines = readLines(file);
  }

  /** The latest first, as readline wants them. */
  get latestFirst(): string[] {
    return this.#lines.toReversed();
  }

  add(line: string): void {
    if (line.trim() === '' || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    quietly(() => {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      if (this.#lines.length > 2 * MOST_LINES) {
        this.#lines.splice(0, this.#lines.length - MOST_LINES);
        writeFileSync(this.#file, `${this.#lines.join('\n')}\n`, { mode: 0o600 });
      } else appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    });
  }
}

/** Under XDG_STATE_HOME, as the XDG base directory specification has it. */
export function historyFile(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['XDG_STATE_HOME'];
  const state = given?.startsWith('/') === true ? given : join(homedir(), '.local/state');
  return join(state, 'kleak/shell-history');
}

function readLines(file: string): string[] {
  const text = quietly(() => readFileSync(file, 'utf8')) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-MOST_LINES);
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
