import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { runWords } from '../../../pipeline/core/shell/registry.ts';
import type { Shell } from '../../../pipeline/core/shell/shell.ts';
import { parseLine, type ShellLine } from '../../../pipeline/core/shell/words.ts';
import { FormatError, InputError, LayoutError, MemoryFault } from '../../../pipeline/errors.ts';
import { renderCrash } from '../../../report/core/crash/render-crash.ts';
import { escapeLine } from '../../output.ts';
import { findPager } from './pager.ts';
import { commandSink, fileSink, pagerSink, standardOutput, type Sink } from './sink.ts';

const PIECE = 65_536;
/** Whoever presses Ctrl-C waits no longer than that. */
const BREATH_MS = 50;
const ENDS = ['q', 'quit', 'exit'];
/** Files of commands that run each other. */
const DEEPEST = 10;

/** Runs lines of a shell, one at a time. */
export class LineRunner {
  readonly #shell: Shell;
  readonly #isTerminal: boolean;
  #stopped = false;
  #depth = 0;

  constructor(shell: Shell, isTerminal: boolean) {
    this.#shell = shell;
    this.#isTerminal = isTerminal;
  }

  /** Ends the output of the line that runs. */
  stop(): void {
    this.#stopped = true;
  }

  /** False where the shell is to end. What goes wrong is one line on standard error. */
  async run(line: string): Promise<boolean> {
    this.#stopped = false;
    const [first = ''] = line.trim().split(/\s/);
    try {
      if (first.startsWith('!')) await systemCommand(line.trim().slice(1), this.#isTerminal);
      else if (first.startsWith('<')) return await this.#runFile(line.trim().slice(1).trim());
      else {
        const parsed = parseLine(line);
        if (ENDS.includes(parsed.words[0] ?? '')) return false;
        if (parsed.words.length > 0) await this.#show(runWords(this.#shell, parsed.words), this.#sinkFor(parsed));
      }
    } catch (cause) {
      process.stderr.write(`${escapeLine(explain(cause, first))}\n`);
    }
    return true;
  }

  /** Runs the commands of a file, each after it was shown. False where one of them ends the shell. Throws InputError. */
  async #runFile(file: string): Promise<boolean> {
    if (this.#depth >= DEEPEST) throw new InputError(file, 'runs itself', 'a file of commands may not');
    this.#depth++;
    try {
      for (const line of readCommands(file)) {
        if (!(await this.run(line))) return false;
        if (this.#stopped) break;
      }
      return true;
    } finally {
      this.#depth--;
    }
  }

  #sinkFor({ pipe, redirect }: ShellLine): Sink {
    if (pipe !== undefined) return commandSink(pipe);
    if (redirect) return fileSink(redirect.file, redirect.append);
    const pager = this.#isTerminal && this.#shell.scroll && this.#depth === 0 ? findPager(process.env) : undefined;
    return pager === undefined ? standardOutput() : pagerSink(pager, process.stdout.rows - 1);
  }

  async #show(blocks: Iterable<ShellBlock>, sink: Sink): Promise<void> {
    let [text, rested] = ['', performance.now()];
    try {
      for (const piece of pieces(blocks)) {
        text += piece;
        const late = performance.now() - rested > BREATH_MS;
        if (!late && text.length < PIECE) continue;
        await sink.write(text);
        text = '';
        await turn();
        rested = performance.now();
        if (this.#stopped || sink.isClosed()) break;
      }
    } finally {
      if (text !== '') await sink.write(text);
      await sink.end();
    }
  }
}

function* pieces(blocks: Iterable<ShellBlock>): Generator<string> {
  for (const block of blocks) yield* renderCrash(block);
}

/** Lines of a file of commands. Throws InputError. */
export function readCommands(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
    throw new InputError(file, `cannot be read: ${why}`, 'give a file of commands, one a line', { cause });
  }
}

async function systemCommand(command: string, isTerminal: boolean): Promise<void> {
  const stdin = isTerminal ? 'inherit' : 'ignore';
  const child = spawn('sh', ['-c', command], { stdio: [stdin, 'inherit', 'inherit'] });
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve());
  });
}

function explain(cause: unknown, word: string): string {
  if (cause instanceof InputError || cause instanceof FormatError) return cause.message;
  if (cause instanceof MemoryFault) return `${word}: ${cause.message}`;
  if (cause instanceof LayoutError) return `${word}: ${cause.message}; the types are not those of this kernel`;
  const message = cause instanceof Error ? cause.message : String(cause);
  return `${word}: a bug in kleak, please report it: ${message}`;
}
