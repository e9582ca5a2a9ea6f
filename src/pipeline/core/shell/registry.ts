import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { InputError } from '../../../sources/input-error.ts';
import { bt } from './bt.ts';
import { evalWord } from './eval.ts';
import { files } from './files.ts';
import { foreach } from './foreach.ts';
import { helpOn } from './help.ts';
import { kmem } from './kmem.ts';
import { list } from './list.ts';
import { log } from './log.ts';
import { mod } from './mod.ts';
import { mount } from './mount.ts';
import { p } from './p.ts';
import { ps } from './ps.ts';
import { rd } from './rd.ts';
import { search } from './search.ts';
import { set } from './set.ts';
import type { Shell } from './shell.ts';
import { showStruct, struct, union } from './struct.ts';
import { sym } from './sym.ts';
import { sys } from './sys.ts';
import { task } from './task.ts';
import { ptov, vtop } from './translate.ts';
import { whatis } from './whatis.ts';
import type { ShellWord } from './word.ts';

/** The words of the shell, in the order of help. */
export const SHELL_WORDS: readonly ShellWord[] = [
  kmem,
  rd,
  sym,
  struct,
  union,
  list,
  search,
  ps,
  bt,
  files,
  mount,
  log,
  mod,
  sys,
  task,
  foreach,
  set,
  p,
  whatis,
  evalWord,
  vtop,
  ptov,
  helpOn(() => SHELL_WORDS),
];

/**
 * Runs the words of a line. A word that is none is the name of a struct: `dentry.d_name ADDRESS`, `*rq runqueues:0`. Throws
 * InputError, MemoryFault or FormatError where it cannot be done.
 */
export function runWords(shell: Shell, [first = '', ...args]: readonly string[]): Iterable<ShellBlock> {
  const word = SHELL_WORDS.find(({ name }) => name === first);
  if (word) return word.run(shell, args);
  const name = /^\*?([A-Za-z_]\w*)(?=$|\.)/.exec(first)?.[1];
  const star = first.startsWith('*') ? first.slice(1) : first;
  if (name !== undefined && shell.session.kernel.layouts.struct(name))
    return showStruct(shell, 'struct', [star, ...args]);
  throw new InputError(first, 'is no word of the shell', 'help lists them');
}
