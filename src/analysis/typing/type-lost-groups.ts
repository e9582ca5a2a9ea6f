import type { ObjectGroup } from '../clustering/group-objects.ts';
import type { LostGroups } from '../clustering/lost-groups.ts';
import { thin } from '../clustering/spread.ts';
import type { UnreachableNodes } from '../clustering/unreachable.ts';
import { describeFacts, describeGroup, type GroupDescription, type TypingScope } from './describe-group.ts';
import type { TypeHint } from './infer-type.ts';
import { explainWords } from './score-fields.ts';
import { spreadTypes } from './spread-types.ts';
import type { StructType } from './type-catalog.ts';
import { groupFacts } from './word-facts.ts';

/** Smaller groups are compared with the types that were found, and no further. */
const FEWEST = 10;
const MOST_GROUPS = 100;
const MOST_SMALL = 400;
/** As inferType asks for, of one type that is there already. */
const LEAST_SCORE = 6;
const FEW_SAMPLES = 4;

/** What unreachable groups are, and which of them are the same. */
export interface TypedGroups {
  /** By canonical number. */
  readonly descriptions: ReadonlyMap<number, GroupDescription>;
  /** The number of the group that a group is part of: its own, or that of the largest with its cache, type and owner. */
  readonly canonical: (group: number) => number;
}

/** Whether a group is large enough to be told what it is. */
export const isWorthTyping = ({ isUnread, unreachable }: ObjectGroup): boolean => !isUnread && unreachable >= FEWEST;

/** Types groups of unreachable objects, the largest first; then again those that members of typed ones lead to. */
export function typeLostGroups(scope: TypingScope, found: LostGroups, lost: UnreachableNodes): TypedGroups {
  const seen = found.groups
    .filter(({ isUnread, unreachable }) => !isUnread && unreachable > 0)
    .toSorted((a, b) => b.unreachable - a.unreachable);
  const large = seen.filter(isWorthTyping).slice(0, MOST_GROUPS);
  const first = new Map(large.map((group) => [group.number, describeGroup(scope, group)]));
  const descriptions = withHints(scope, large, first, (node) => {
    const rank = lost.rank(node);
    return rank < 0 ? -1 : (found.ofRank[rank] ?? -1);
  });
  const same = new Map<number, number>();
  const firstOf = new Map<string, ObjectGroup>();
  for (const group of large) {
    const key = identityOf(group, descriptions.get(group.number));
    const known = key === undefined ? undefined : firstOf.get(key);
    if (known) same.set(group.number, known.number);
    else if (key !== undefined) firstOf.set(key, group);
  }
  const small = seen.slice(large.length, large.length + MOST_SMALL);
  joinSmall(scope, small, [...firstOf.values()], descriptions, same);
  return { descriptions, canonical: (group) => same.get(group) ?? group };
}

function withHints(
  scope: TypingScope,
  groups: readonly ObjectGroup[],
  first: ReadonlyMap<number, GroupDescription>,
  groupOf: (node: number) => number,
): Map<number, GroupDescription> {
  const { world } = scope;
  const hints = new Map<number, TypeHint[]>();
  for (const { facts, type } of first.values()) {
    const [only] = type.state === 'exact' ? type.candidates : [];
    if (!only) continue;
    for (const [group, given] of spreadTypes(world, only.type, facts, groupOf))
      hints.set(group, [...(hints.get(group) ?? []), ...given]);
  }
  return new Map(
    groups.flatMap(({ number, cache }) => {
      const known = first.get(number);
      const given = hints.get(number);
      if (!known) return [];
      return [
        [number, given && known.type.state !== 'exact' ? describeFacts(world, cache, known.facts, given) : known],
      ];
    }),
  );
}

/** Groups with the same are one; undefined where too little is known to say so. */
function identityOf({ cache }: ObjectGroup, description: GroupDescription | undefined): string | undefined {
  const [only] = description?.type.state === 'exact' ? description.type.candidates : [];
  if (!only) return undefined;
  const { owner } = description ?? {};
  return `${cache} ${only.type.name} ${owner?.kind ?? ''} ${owner?.function ?? owner?.variable ?? ''} ${owner?.module ?? ''}`;
}

/** A few objects that differ from the others behind the end of their type are of a typed group all the same. */
function joinSmall(
  { reader, world }: TypingScope,
  small: readonly ObjectGroup[],
  typed: readonly ObjectGroup[],
  descriptions: ReadonlyMap<number, GroupDescription>,
  same: Map<number, number>,
): void {
  for (const group of small) {
    const near = typed.filter(({ cache }) => cache === group.cache);
    if (near.length === 0) continue;
    const facts = groupFacts(reader, thin(group.lost, FEW_SAMPLES), reader.space.strides[group.cache] ?? 0);
    const fits = near.find(({ number }) => {
      const description = descriptions.get(number);
      const type = description?.type.candidates[0]?.type;
      return type !== undefined && agrees(world, type, facts.words, description);
    });
    if (fits) same.set(group.number, fits.number);
  }
}

function agrees(
  world: TypingScope['world'],
  type: StructType,
  words: GroupDescription['facts']['words'],
  known: GroupDescription | undefined,
): boolean {
  const { score, telling } = explainWords(world, type, world.catalog.fields(type), words);
  if (score < LEAST_SCORE || telling.length === 0) return false;
  const { owner } = known ?? {};
  const facts = owner && words[owner.offset >>> 3]?.facts;
  // Of the same type, but perhaps of somebody else.
  return (
    facts === undefined ||
    facts.some(
      ({ seen }) =>
        (seen.kind === 'symbol' || seen.kind === 'inside' || seen.kind === 'gone') &&
        seen.symbol.address === owner?.address,
    )
  );
}
