import { createReadStream, statSync, type Stats } from 'node:fs';
import { untilDamage, type Chunks } from './chunks.ts';
import { Damage } from './damage.ts';
import { InputError } from './input-error.ts';
import { explainSystem, openLocal, type LocalFile } from './local-file.ts';
import { openDirectory } from './open-directory.ts';
import { openStream, type Origin } from './open-stream.ts';
import { Run } from './run.ts';
import type { OpenOptions, SourceFile, Unread } from './source-file.ts';

/** What stands for standard input on the command line. */
const STANDARD_INPUT = '-';

/**
 * Opens what the user named: a directory, an archive, a compressed or plain text file, a pipe, or `-`. Its kind is told
 * from its content. Files come one after another and are read as they come, so memory stays bounded.
 *
 * What could not be read is handed to `unread` and the rest goes on. Throws InputError where the input itself is
 * missing, cannot be read or is of a refused kind, and the signal's reason where it is aborted.
 */
export async function* openInput(
  input: string,
  options: OpenOptions,
  unread: (unread: Unread) => void,
): AsyncGenerator<SourceFile> {
  const run = new Run(input, options, unread);
  run.throwIfAborted();
  if (input === STANDARD_INPUT) yield* openPipe(process.stdin, 'standard input', run);
  else {
    const stats = look(input);
    if (stats.isDirectory()) yield* openDirectory(input, run);
    else if (stats.isFile()) yield* openFile(input, run);
    else if (stats.isSocket()) throw new InputError(input, 'is a socket', 'give a file, a directory or -');
    else yield* openPipe(createReadStream(input), input, run);
  }
  run.finish();
}

function look(input: string): Stats {
  try {
    return statSync(input);
  } catch (cause) {
    throw unreadable(input, cause);
  }
}

async function* openFile(input: string, run: Run): AsyncGenerator<SourceFile> {
  const opened = tryOpen(input, run);
  try {
    const { size, mtimeMs } = opened.stats;
    if (size > 0) run.advance(0, size);
    yield* openStream(orRefuse(opened.chunks(), input, run), givenOrigin(input, mtimeMs, input), run);
  } finally {
    opened.close();
  }
}

function tryOpen(input: string, run: Run): LocalFile {
  try {
    return openLocal(input, run);
  } catch (cause) {
    throw unreadable(input, cause);
  }
}

async function* openPipe(stream: Chunks, name: string, run: Run): AsyncGenerator<SourceFile> {
  yield* openStream(orRefuse(counted(stream, run), run.input, run), givenOrigin(name), run);
}

async function* counted(stream: Chunks, run: Run): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    run.advance(chunk.length);
    yield chunk;
    if (run.over) return;
  }
}

/** An input of which not one byte can be read is refused; one that breaks off later is read as far as it goes. */
async function* orRefuse(chunks: Chunks, input: string, run: Run): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const tell = (cause: unknown): void => {
    run.throwIfAborted();
    if (bytes === 0) throw unreadable(input, cause);
    run.tell({ what: input, why: `${explainSystem(cause)}; only the first ${bytes} bytes were read` });
  };
  for await (const chunk of untilDamage(chunks, tell)) {
    bytes += chunk.length;
    yield chunk;
  }
}

const givenOrigin = (name: string, modified?: number, file?: string): Origin => ({
  path: '',
  name,
  ...(modified === undefined ? {} : { modified }),
  ...(file === undefined ? {} : { file }),
  given: true,
  depth: 0,
  damage: new Damage(),
});

const REMEDIES: Readonly<Record<string, string>> = {
  'no such file or directory': 'check the path',
  'permission denied': 'run as a user who may read it',
  'not permitted': 'run as root',
};

function unreadable(input: string, cause: unknown): InputError {
  const problem = explainSystem(cause);
  return new InputError(input, problem, REMEDIES[problem] ?? 'give a file, a directory or - for standard input', {
    cause,
  });
}
