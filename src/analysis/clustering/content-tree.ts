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
  if (kinds.length === 0) return [];
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
  const codes = kinds[members[0] ?? 0]?.codes ?? new Uint32Array(0);
  const [from, to] = [LEVELS[level - 1] ?? 0, LEVELS[level]];
  if (members.length === 1 || to === undefined || from >= codes.length) {
    into.push({ kinds: members, words: members.length === 1 ? codes.length : Math.min(from, codes.length) });
    return;
  }
  const parts = split(kinds, members, from, to);
  if (isTelling(codes, from) && isScattered(parts)) {
    into.push({ kinds: members, words: from });
    return;
  }
  const rest: number[] = [];
  for (const part of parts) {
    if (part.objects >= FEWEST || parts.length === 1) follow(kinds, part.kinds, level + 1, into);
    else rest.push(...part.kinds);
  }
  if (rest.length > 0) into.push({ kinds: rest, words: from });
}

interface Part {
  readonly kinds: number[];
  objects: number;
}

/** By the words from `from` up to `to`. */
function split(kinds: readonly ContentKind[], members: readonly number[], from: number, to: number): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const member of members) {
    const kind = kinds[member];
    const key = kind?.codes.subarray(from, to).join() ?? '';
    let part = parts.get(key);
    if (part === undefined) parts.set(key, (part = { kinds: [], objects: 0 }));
    part.kinds.push(member);
    part.objects += kind?.objects ?? 0;
  }
  return [...parts.values()];
}

function isScattered(parts: readonly Part[]): boolean {
  const sizes = parts.map(({ objects }) => objects).toSorted((a, b) => b - a);
  const sum = (of: readonly number[]): number => of.reduce((total, size) => total + size, 0);
  return sum(sizes.slice(0, MOST_BRANCHES)) < MOST_OF_ALL * sum(sizes);
}

const SHARED = codeOf(WORD.object, FOLDED);

/** Whether leading words tell a type: a symbol does, so do two that lead into the object itself or to objects of one type. */
export function isTelling(codes: Uint32Array, words: number = codes.length): boolean {
  let told = 0;
  for (let i = 0; i < words && told < 2; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) continue;
    const kind = classOf(code);
    if (kind === WORD.symbol || kind === WORD.gone) told += 2;
    else if (kind === WORD.self || (kind === WORD.object && code !== SHARED)) told++;
  }
  return told >= 2;
}
