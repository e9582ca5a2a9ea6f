import { FormatError } from '../../base/errors.ts';
import { InputError } from '../input-error.ts';
import { chooseFiles } from './choose-files.ts';
import type { Dump } from './dump.ts';
import { namedIncomplete, openDumpFile, type DumpFile } from './dump-file.ts';
import { openElf } from './open-elf.ts';
import { openKdump } from './open-kdump.ts';
import { isKdump, readKdumpFile } from './split-parts.ts';

/**
 * Opens a crash dump: its file, its folder, any part of a split one (the others are found beside it) or all of them, or
 * /proc/kcore. Throws InputError or FormatError, in one line, where it cannot be read; damage that leaves something to
 * read is in `problems`, which goes on telling what reading finds. `nameOf`: what people call a file that was unpacked.
 */
export function openDump(paths: readonly string[], nameOf: (path: string) => string = (path) => path): Dump {
  const opened: DumpFile[] = [];
  const close = (): void => {
    for (const { file } of opened) file.close();
  };
  try {
    const files = chooseFiles(paths, (path) => {
      const dump = openDumpFile(path, nameOf(path));
      opened.push(dump);
      return dump.kind === 'kdump' ? readKdumpFile(dump) : dump;
    });
    const [first, ...more] = files;
    const content = isKdump(first) ? openKdump([first, ...more.filter(isKdump)]) : openElf(first);
    refuseUnfinished(files, content.endsEarly);
    const { endsEarly: _, ...rest } = content;
    return {
      ...rest,
      files: files.map(({ path }) => path),
      names: files.map(({ name }) => name),
      get problems() {
        return [...content.problems, ...files.flatMap(failureOf)];
      },
      close,
    };
  } catch (cause) {
    close();
    throw explain(cause, opened);
  }
}

const failureOf = ({ name, file }: DumpFile): Dump['problems'] =>
  file.failure === undefined
    ? []
    : [
        {
          problem: `some of it cannot be read: ${file.failure}`,
          at: { kind: 'bytes', file: name, offset: 0, length: 0 },
        },
      ];

const unfinished = (path: string, what: string, options?: ErrorOptions): InputError =>
  new InputError(path, what, 'wait until kdump is done; where it has failed, a copy under another name opens', options);

function refuseUnfinished(files: readonly DumpFile[], endsEarly: boolean): void {
  for (const { name, file } of files) {
    if (endsEarly && namedIncomplete(name)) throw unfinished(name, 'is marked incomplete by its name, and ends early');
    if (!file.isLive && file.growth > 0) throw unfinished(name, 'is still being written');
  }
}

/** A header that makes no sense may not be at fault: a bad disk is, or a writer that is not done. */
function explain(cause: unknown, opened: readonly DumpFile[]): unknown {
  const last = opened.at(-1);
  if (!(cause instanceof FormatError) || last === undefined) return cause;
  const { name, file } = last;
  if (file.failure !== undefined)
    return new InputError(name, `cannot be read: ${file.failure}`, 'copy it again', { cause });
  return namedIncomplete(name) ? unfinished(name, `is marked incomplete by its name (${cause.message})`) : cause;
}
