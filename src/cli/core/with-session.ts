import type { Command } from 'commander';
import type { CoreSession } from '../../pipeline/core/session.ts';

/** Options that every subcommand takes. */
export interface CoreOptions {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly symbols?: readonly string[];
  readonly output?: string;
}

export const symbolsOption = (command: Command): Command =>
  command.option(
    '--symbols <file...>',
    'a vmlinux, System.map, saved kallsyms or BTF of this kernel, where the dump lacks its own',
  );

/** Opens a dump for as long as the work takes. */
export async function withSession<T>(
  dump: string,
  options: CoreOptions,
  work: (session: CoreSession) => Promise<T>,
): Promise<T> {
  const { CoreSession } = await import('../../pipeline/core/session.ts');
  const session = CoreSession.open(dump, options.symbols ? { symbols: options.symbols } : {});
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
