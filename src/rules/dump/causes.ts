import type { NextStep } from '../../findings/finding.ts';
import type { LostThing } from '../../model/dump-facts.ts';

/** Why a thing of this kind is left behind, where its kind says so. */
export interface Cause {
  readonly sentence: string;
  readonly why: string;
  readonly next: readonly NextStep[];
}

/** By type, and by what the words of an object name. */
export function causeOf({ parts: [lead], words, owner }: LostThing): Cause | undefined {
  const symbols = words.map(({ symbol }) => symbol.replace(/[+ ].*$/, ''));
  const single = ['single_start', 'single_next', 'single_stop'].every((name) => symbols.includes(name));
  if (!single || (lead.type !== undefined && !lead.type.includes('seq_operations'))) return undefined;
  const where = owner?.module === undefined ? '' : `; look for it in the source of ${owner.module}`;
  return {
    sentence: 'The file was opened with single_open() and released with seq_release(), or not at all.',
    why: 'single_open() allocates this table and only single_release() frees it: a file that is released with seq_release() leaves one behind at each close',
    next: [{ command: 'kleak known single_open', why: `what is known of this pattern${where}`, risk: 'none' }],
  };
}
