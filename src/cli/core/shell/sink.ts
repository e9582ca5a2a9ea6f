import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { InputError } from '../../../pipeline/errors.ts';

/** Where the output of a command goes. */
export interface Sink {
  /** Waits while whoever reads does not keep up. */
  readonly write: (text: string) => Promise<void>;
  /** Nobody reads any more. */
  readonly isClosed: () => boolean;
  /** Waits until everything has been read. */
  readonly end: () => Promise<void>;
}

/** Standard output as it is. */
export const standardOutput = (): Sink => ({
  async write(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain').catch(() => undefined);
  },
  isClosed: () => process.stdout.destroyed,
  end: () => Promise.resolve(),
});

/** A file, made new or added to. Throws InputError where it cannot be written. */
export function fileSink(file: string, append: boolean): Sink {
  const descriptor = guarded(file, () => openSync(file, append ? 'a' : 'w'));
  return {
    write(text) {
      guarded(file, () => writeSync(descriptor, text));
      return Promise.resolve();
    },
    isClosed: () => false,
    end() {
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
    throw new InputError(file, `cannot be written: ${why}`, 'give another file', { cause });
  }
}

/** A command of the system that reads the output, run by sh. */
export function commandSink(command: string): Sink {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'inherit', 'inherit'] });
  return childSink(child);
}

function childSink(child: ChildProcess): Sink {
  const { stdin } = child;
  let closed = stdin === null;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve());
  });
  // A reader that has seen enough, as head, is no error.
  stdin?.on('error', () => (closed = true)).on('close', () => (closed = true));
  return {
    async write(text) {
      if (closed || stdin === null || stdin.write(text)) return;
      await Promise.race([once(stdin, 'drain').catch(() => undefined), ended]);
    },
    isClosed: () => closed,
    async end() {
      stdin?.end();
      await ended;
    },
  };
}

/** As much as fits on the terminal is written to it; what is longer goes to a pager from its beginning on. */
export function pagerSink(pager: string, rows: number): Sink {
  let held = '';
  let lines = 0;
  let inner: Sink | undefined;
  return {
    async write(text) {
      if (inner) return inner.write(text);
      held += text;
      lines += text.split('\n').length - 1;
      if (lines < rows) return;
      inner = commandSink(pager);
      await inner.write(held);
    },
    isClosed: () => inner?.isClosed() ?? false,
    async end() {
      if (inner) return inner.end();
      await standardOutput().write(held);
    },
  };
}
