import type { Problem } from '../../base/errors.ts';
import type { BtfSections } from './header.ts';
import { countOf, flagOf, KIND, kindOf, RECORD_WORDS } from './kinds.ts';

/** Where each type record begins. */
export interface RecordIndex {
  /** In words, by id minus the first id of this file. */
  readonly starts: Uint32Array;
  /** Ids of enumerations of both sizes. */
  readonly enums: Uint32Array;
  /** Whether enumerations say if they are signed: since v6.0 (commit 6089fb325cf7); before, all were taken as signed. */
  readonly enumsTellSign: boolean;
  readonly problems: readonly Problem[];
}

/** One pass over the records. What follows a record of a kind that is not known cannot be found, and is left out. */
export function indexRecords({ types, typesAt, lengths }: BtfSections, firstId: number, source: string): RecordIndex {
  const { isKnown, fixed, each } = lengths;
  const starts = new Uint32Array(Math.floor(types.length / RECORD_WORDS));
  const enums: number[] = [];
  const problems: Problem[] = [];
  let enumsTellSign = false;
  let count = 0;
  let at = 0;
  while (at + RECORD_WORDS <= types.length) {
    const info = types[at + 1] ?? 0;
    const kind = kindOf(info);
    const words = RECORD_WORDS + (fixed[kind] ?? 0) + (each[kind] ?? 0) * countOf(info);
    if (isKnown[kind] !== 1 || at + words > types.length) {
      const what = isKnown[kind] === 1 ? 'runs past the end' : `is of kind ${kind}, which is not known`;
      const problem = `type ${firstId + count} ${what}; it and what follows is left out`;
      problems.push({ problem, at: { kind: 'bytes', file: source, offset: typesAt + at * 4, length: 12 } });
      break;
    }
    if (kind === KIND.enum || kind === KIND.enum64) {
      enums.push(firstId + count);
      enumsTellSign ||= kind === KIND.enum64 || flagOf(info);
    }
    starts[count++] = at;
    at += words;
  }
  return { starts: starts.slice(0, count), enums: Uint32Array.from(enums), enumsTellSign, problems };
}
