import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { Shell } from './shell.ts';

/** What the words behind a command may be, for completion. */
export type Completes = 'symbol' | 'struct' | 'cache' | 'word' | 'task';

/** A command of the shell. */
export interface ShellWord {
  readonly name: string;
  /** Ways to write it. */
  readonly usage: readonly string[];
  /** In a few words. */
  readonly summary: string;
  /** Options and what else is to know, a line each. */
  readonly help: readonly string[];
  readonly completes?: readonly Completes[];
  /** Throws InputError for what was typed wrong, MemoryFault for what the dump lacks. */
  readonly run: (shell: Shell, args: readonly string[]) => Iterable<ShellBlock>;
}
