import { Option, type Command } from 'commander';
import type { CoreSession } from '../../pipeline/core/session.ts';
import type { OpenableDump } from '../../pipeline/dump/packed-dump.ts';
import { progressLine } from '../progress.ts';
import { scratchFolder } from '../scratch-folder.ts';

/** Options that every subcommand takes. */
export interface CoreOptions {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly symbols?: readonly string[];
  readonly output?: string;
}

/** One file for each time that it is given: a list would take the dump that follows for one more. */
export const symbolsOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--symbols <file>',
      'a vmlinux, System.map, saved kallsyms or BTF of the kernel of a dump that lacks its own (repeat for more)',
    ).argParser<readonly string[] | undefined>((file, before) => [...(before ?? []), file]),
  );

/** A dump that is compressed, or lies in an archive, is unpacked into a folder that goes with it. */
export async function openable(dump: string): Promise<OpenableDump> {
  const { unpackDump } = await import('../../pipeline/dump/packed-dump.ts');
  const progress = progressLine(process.stderr);
  try {
    return await unpackDump(dump, { folder: scratchFolder(), progress: progress.show });
  } finally {
    progress.clear();
  }
}

/** Opens a dump for as long as the work takes. */
export async function withSession<T>(
  dump: string,
  options: CoreOptions,
  work: (session: CoreSession) => Promise<T>,
): Promise<T> {
  const { CoreSession } = await import('../../pipeline/core/session.ts');
  const found = await openable(dump);
  try {
    const session = CoreSession.open(found.file, {
      nameOf: found.nameOf,
      ...(options.symbols ? { symbols: options.symbols } : {}),
    });
    try {
      return await work(session);
    } finally {
      session.close();
    }
  } finally {
    found.close();
  }
}
