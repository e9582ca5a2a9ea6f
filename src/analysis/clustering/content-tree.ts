import { classOf, codeOf, FOLDED, WORD } from './word-codes.ts';
import type { ContentKind } from './group-table.ts';

/** How many leading words are compared at each step. */
const LEVELS = [1, 2, 4, 8, 16, 32, 64] as const;
/** A branch with fewer objects does not stand for itself. */
export const FEWEST = 10;
/** So many branches for most of the objects: what comes behind is not of the type, but left over or of no pattern. */
const MOST_BRANCHES = 8;
const MOST_OF_ALL = 0.9;

/** Kinds of content taken as one: they agree in their leading words. */
export interface Branch {
  /** Numbers of kinds. */
  readonly kinds: readonly number[];
  /** Leading words in which all of them agree. */
  readonly words: number;
}

/**
 * Kinds of content that belong together, by a tree over their leading words. The front of an object tells its type; the end
 * may hold what an earlier owner left there. So a branch is followed while it goes on in few, and is taken as one where
 * its words tell a type already and what comes behind is scattered. Rare kinds that differ early are one branch with the
 * words they share.
 */
export function gatherKinds(kinds: readonly ContentKind[]): readonly Branch[] {
  const branches: Branch[] = [];
  follow(
    kinds,
    kinds.map((_, i) => i),
    0,
    branches,
  );
  return branches;
}

function follow(kinds: readonly ContentKind[], members: readonly number[], level: number, into: Branch[]): void {
  const [first = 0] = members;
  const codes = kinds[first]?.codes ?? new Uint32Array(0);
  const from = level === 0 ? 0 : (LEVELS[level - 1] ?? 0);
  if (members.length === 1 || level >= LEVELS.length || from >= codes.length) {
    into.push({ kinds: members, words: members.length === 1 ? codes.length : Math.min(from, codes.length) });
    return;
  }
  const parts = split(kinds, members, from, LEVELS[level] ?? 0);
  const sizes = parts.map((part) => countOf(kinds, part));
  if (isTelling(codes.subarray(0, from)) && isScattered(sizes)) {
    into.push({ kinds: members, words: from });
    return;
  }
  const rest: number[] = [];
  for (const [i, part] of parts.entries()) {
    if ((sizes[i] ?? 0) >= FEWEST || parts.length === 1) follow(kinds, part, level + 1, into);
    else rest.push(...part);
  }
  if (rest.length > 0) into.push({ kinds: rest, words: from });
}

/** By the words from `from` up to `to`; largest first is not needed. */
function split(
  kinds: readonly ContentKind[],
  members: readonly number[],
  from: number,
  to: number,
): readonly (readonly number[])[] {
  const parts = new Map<string, number[]>();
  for (const member of members) {
    const key = kinds[member]?.codes.subarray(from, to).join() ?? '';
    const known = parts.get(key);
    if (known) known.push(member);
    else parts.set(key, [member]);
  }
  return [...parts.values()];
}

const countOf = (kinds: readonly ContentKind[], members: readonly number[]): number =>
  members.reduce((sum, member) => sum + (kinds[member]?.objects ?? 0), 0);

function isScattered(sizes: readonly number[]): boolean {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const most = sizes
    .toSorted((a, b) => b - a)
    .slice(0, MOST_BRANCHES)
    .reduce((sum, size) => sum + size, 0);
  return most < MOST_OF_ALL * all;
}

const SHARED = codeOf(WORD.object, FOLDED);

/** Whether words tell a type: a symbol does, so do two that lead into the object itself or to objects of one type. */
export function isTelling(codes: Uint32Array): boolean {
  let told = 0;
  for (const code of codes) {
    const kind = classOf(code);
    if (kind === WORD.symbol || kind === WORD.gone) told += 2;
    else if (kind === WORD.self || (kind === WORD.object && code !== SHARED)) told++;
  }
  return told >= 2;
}
