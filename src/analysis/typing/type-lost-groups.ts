import { isTelling } from '../clustering/content-tree.ts';
import type { ObjectGroup } from '../clustering/group-objects.ts';
import type { LostGroups } from '../clustering/lost-groups.ts';
import type { UnreachableNodes } from '../clustering/unreachable.ts';
import { describeFacts, describeGroup, type GroupDescription, type TypingScope } from './describe-group.ts';
import { joinAlike } from './group-identity.ts';
import type { TypeHint } from './infer-type.ts';
import { spreadTypes } from './spread-types.ts';

/** Smaller groups are compared with the types that were found, and no further. */
const FEWEST = 10;
const MOST_GROUPS = 100;
const MOST_SMALL = 400;
/** How much larger the one without a pattern has to be. */
const MOST_OF = 10;

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
  const described = large.flatMap((group) => {
    const description = descriptions.get(group.number);
    return description ? [{ group, description }] : [];
  });
  const { joined, rest } = joinAlike(scope, described, seen.slice(large.length, large.length + MOST_SMALL));
  const same = new Map(joined.flatMap(({ numbers, group }) => numbers.map((number) => [number, group.number])));
  for (const [group, of] of joinBare(large, [...rest, ...large])) same.set(group, of);
  return { descriptions, canonical: (group) => same.get(group) ?? group };
}

/**
 * Leaked buffers hold anything, so that some of them look like nothing else. Where most unreachable objects of a cache have
 * no pattern at all, the few that have none either are of the same kind.
 */
function joinBare(large: readonly ObjectGroup[], small: readonly ObjectGroup[]): ReadonlyMap<number, number> {
  const bare = large.filter(({ codes }) => !isTelling(codes));
  return new Map(
    small.flatMap(({ number, cache, codes, unreachable }): (readonly [number, number])[] => {
      const of = bare.find((group) => group.cache === cache && group.unreachable > MOST_OF * unreachable);
      return of && !isTelling(codes) ? [[number, of.number]] : [];
    }),
  );
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
