import type { CacheTypes } from './cache-types.ts';
import { explainWords, type Explained } from './score-fields.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import type { Seen, WordFacts } from './word-facts.ts';

/** A struct that objects may be. */
export interface TypeCandidate {
  readonly type: StructType;
  /** How much better than chance it explains the content, in natural logarithms. */
  readonly score: number;
  /** What speaks for it most: members and what they hold, in words: `ops is a struct tty_operations`. */
  readonly evidence: readonly string[];
}

/**
 * What objects are. `exact`: one struct explains them far better than any other. `ambiguous`: one of the candidates, as
 * far as can be told. `unknown`: none explains them; the type may be none that the kernel's own types have.
 */
export interface InferredType {
  readonly state: 'exact' | 'ambiguous' | 'unknown';
  /** Best first; empty where it is unknown. */
  readonly candidates: readonly TypeCandidate[];
}

/** A hint from elsewhere: a member of a typed object, that is a pointer to the struct, leads here. */
export interface TypeHint {
  readonly name: string;
  readonly text: string;
}

/** Of natural logarithms: what an answer has to have, and how far the next one has to be behind. */
const LEAST_SCORE = 6;
const LEAST_AMBIGUOUS = 4;
const LEAST_MARGIN = 3;
/** Lists at many places tell a type too. */
const SCORE_OF_LISTS = 25;
/** For what the cache alone is called, for one of its names, for what points here. */
const NAMED = 6;
const ALSO_NAMED = 1.5;
const HINTED = 5;
/** The same for what only begins with it: less, so that it has to have more of its own that fits. */
const HINTED_IN_PART = 2;
/** A name counts unless the content speaks against it so much. */
const CONTRADICTED = -6;
const MOST_CANDIDATES = 8;

/** `cache`: what it may hold, as `world.cache` says; `words`: what the objects hold. */
export function inferType(
  world: TypeWorld,
  cache: CacheTypes,
  words: readonly WordFacts[],
  hints: readonly TypeHint[] = [],
): InferredType {
  const scored = [...candidatesFor(world, cache, hints)]
    .map((type) => scoreCandidate(world, cache, type, words, hints))
    .toSorted((a, b) => b.score - a.score);
  const [best] = scored;
  if (!best || best.score < LEAST_AMBIGUOUS || !best.isTold) return { state: 'unknown', candidates: [] };
  const near = scored.filter(({ score }) => score > best.score - LEAST_MARGIN);
  const alone = best.score < LEAST_SCORE ? undefined : theOne(world, near, words);
  return {
    state: alone ? 'exact' : 'ambiguous',
    candidates: (alone ? [alone] : near.slice(0, MOST_CANDIDATES)).map((scored) => ({
      type: scored.type,
      score: scored.score,
      evidence: [...scored.reasons, ...describe(world, scored, words)],
    })),
  };
}

/** Where all names of a cache are understood it holds nothing else. */
function candidatesFor(
  { catalog }: TypeWorld,
  { named, isAll, range }: CacheTypes,
  hints: readonly TypeHint[],
): ReadonlySet<StructType> {
  if (isAll && named.length > 0) return new Set(named);
  const hinted = hints.flatMap(({ name }) => catalog.find(name) ?? []);
  return new Set([...named, ...hinted.filter(({ size }) => size <= range[1]), ...catalog.ofSize(range)]);
}

interface Scored {
  readonly type: StructType;
  readonly score: number;
  readonly explained: Explained;
  readonly reasons: readonly string[];
  readonly isTold: boolean;
}

function scoreCandidate(
  world: TypeWorld,
  { named, isAll }: CacheTypes,
  type: StructType,
  words: readonly WordFacts[],
  hints: readonly TypeHint[],
): Scored {
  const explained = explainWords(world, type, world.catalog.fields(type), words);
  const isNamed = named.includes(type);
  const isNamedAlone = isNamed && isAll && named.length === 1;
  // What a member leads to may be the beginning of something larger: a struct sock that of a udp_sock.
  const hint = hints.find(({ name }) => name === type.name || world.contains(type, 0, name));
  const extra =
    (isNamedAlone ? NAMED : isNamed ? ALSO_NAMED : 0) +
    (hint === undefined ? 0 : hint.name === type.name ? HINTED : HINTED_IN_PART);
  const reasons = [
    ...(isNamedAlone ? ['the slab cache is named for it'] : isNamed ? ['the slab cache holds it too'] : []),
    ...(hint ? [hint.text] : []),
  ];
  return {
    type,
    score: explained.score + (explained.score > CONTRADICTED ? extra : 0),
    explained,
    reasons,
    isTold: isNamedAlone || hint !== undefined || explained.telling.length > 0 || explained.score > SCORE_OF_LISTS,
  };
}

/**
 * Of those that explain the words alike: the only one; or the one that all others begin with, where what they have behind it
 * is empty in all objects: an object of theirs would have used it.
 */
function theOne(world: TypeWorld, near: readonly Scored[], words: readonly WordFacts[]): Scored | undefined {
  const [smallest, ...others] = near.toSorted((a, b) => a.type.size - b.type.size);
  if (!smallest || others.length === 0) return smallest;
  const { name, size } = smallest.type;
  const isInAll = others.every(({ type }) => type.size > size && world.contains(type, 0, name));
  const behind = words.slice(Math.ceil(size / 8), Math.ceil((others.at(-1)?.type.size ?? 0) / 8));
  return isInAll && behind.every(({ value }) => value === 0n) ? smallest : undefined;
}

const MOST_EVIDENCE = 4;

/** The words that speak most for a type, as its members. */
function describe(world: TypeWorld, { type, explained }: Scored, words: readonly WordFacts[]): readonly string[] {
  return explained.telling.slice(0, MOST_EVIDENCE).map((i) => {
    const seen = words[i]?.facts[0]?.seen;
    const member = world.memberAt(type, i * 8, seen) ?? `offset ${i * 8}`;
    return `${member} ${spellSeen(world, seen)}`;
  });
}

function spellSeen(world: TypeWorld, seen: Seen | undefined): string {
  if (seen?.kind === 'object') return `leads to ${world.heap.caches[seen.cache]?.name ?? 'a slab object'}`;
  if (seen?.kind === 'page') return 'leads to a struct page';
  if (seen?.kind !== 'symbol' || !seen.symbol.symbol) return 'fits';
  const types = seen.isCode ? [] : world.tableTypes(seen.symbol.symbol);
  const { name } = seen.symbol.symbol;
  return types.length === 0 ? `is ${name}` : `is ${name}, a struct ${types.join(' or ')}`;
}
