import { groupObjects, type ObjectGroup } from '../../analysis/clustering/group-objects.ts';
import { thin } from '../../analysis/clustering/spread.ts';
import { unreachableNodes } from '../../analysis/clustering/unreachable.ts';
import type { CodeOwner } from '../../analysis/typing/code-owner.ts';
import { describeGroup, type GroupDescription } from '../../analysis/typing/describe-group.ts';
import { addressOf } from '../../analysis/typing/describe-unreachable.ts';
import { joinAlike } from '../../analysis/typing/group-identity.ts';
import type { GroupField } from '../../analysis/typing/group-fields.ts';
import { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { CoreField, CoreGroup, CoreGroups, CoreOwner } from '../../findings/core/core-groups.ts';
import { unloadedModules } from '../../model/kernel/unloaded-modules.ts';
import { spell } from './addresses.ts';
import { withModuleTypes } from './module-layouts.ts';
import { findCaches } from './objects.ts';
import type { CoreSession } from './session.ts';

/** Fewer objects alike are no group, unless a cache has no other. */
const FEWEST = 10;
const MOST_GROUPS = 50;
const MOST_SAMPLES = 8;

/** The objects in use of a cache, by content, with what they are. Throws InputError for no such cache. */
export function coreGroups(session: CoreSession, name: string, tools: TypingTools = typingTools(session)): CoreGroups {
  const numbers = findCaches(session, name);
  const { heap, reachability } = session;
  const lost = unreachableNodes(reachability, heap);
  const { reader } = tools;
  const wanted = new Map([...numbers].map((number) => [number, 'all'] as const));
  const { groups, unread } = groupObjects({ ...reader, lost }, wanted);
  const found = groups.filter(({ isUnread }) => !isUnread).toSorted((a, b) => b.objects - a.objects);
  const large = found.filter(({ objects }) => objects >= FEWEST);
  const shown = (large.length > 0 ? large : found).slice(0, MOST_GROUPS);
  const described = shown.map((group) => ({ group, description: describeGroup(tools, group) }));
  const { joined, rest: small } = joinAlike(tools, described, found.slice(shown.length));
  const sum = (of: readonly ObjectGroup[]): number => of.reduce((total, { objects }) => total + objects, 0);
  const missed = [...unread.values()].reduce((total, count) => total + count, 0);
  return {
    cache: heap.caches[[...numbers][0] ?? 0]?.name ?? name,
    objects: sum(found),
    groups: joined.map(({ group, description }) => groupOf(session, group, description)),
    small: { groups: small.length, objects: sum(small) },
    ...(missed > 0 ? { unread: missed } : {}),
  };
}

/** What objects of a dump are told by; made once where several caches are asked about. */
export function typingTools(session: CoreSession): TypingTools {
  const { heap, reachability } = session;
  const kernel = withModuleTypes(session.kernel);
  return new TypingTools({ kernel, heap, reachability, aliasesOf: (cache) => session.aliasesOf(cache) });
}

function groupOf(session: CoreSession, group: ObjectGroup, description: GroupDescription): CoreGroup {
  const { type, embedded, fields, owner } = description;
  const candidates = type.candidates.map((candidate) => ({
    type: `struct ${candidate.type.name}`,
    score: Math.round(candidate.score * 10) / 10,
    evidence: candidate.evidence,
  }));
  const [best] = candidates;
  const samples = thin(group.lost.length > 0 ? group.lost : group.reached, MOST_SAMPLES);
  return {
    objects: group.objects,
    bytes: group.objects * (session.heap.caches[group.cache]?.size ?? 0),
    reachable: group.objects - group.unreachable,
    unreachable: group.unreachable,
    ...(type.state === 'exact' && best ? { type: best.type } : {}),
    typeConfidence: type.state,
    candidates,
    embedded: embedded.map((part) => ({ offset: part.offset, type: `struct ${part.type.name}` })),
    fields: fields.map(fieldOf),
    samples: samples.map((object) => spell(addressOf(session.kernel, session.reachability, object) ?? 0n)),
    ...(owner ? { owner: ownerOf(session, owner) } : {}),
  };
}

const fieldOf = ({ offset, kind, share, value, symbol, text, cache, member }: GroupField): CoreField => ({
  offset,
  kind,
  ...(share < 1 ? { share: Math.round(share * 100) / 100 } : {}),
  ...(value === undefined ? {} : { value: spell(value) }),
  ...(symbol === undefined ? {} : { symbol }),
  ...(text === undefined ? {} : { text }),
  ...(cache === undefined ? {} : { leadsTo: cache }),
  ...(member === undefined ? {} : { member }),
});

function ownerOf({ kernel }: CoreSession, owner: CodeOwner): CoreOwner {
  const unloaded = owner.kind === 'gone' ? unloadedModules(kernel) : [];
  return {
    kind: owner.kind,
    ...(owner.module === undefined ? {} : { module: owner.module }),
    ...(owner.function === undefined ? {} : { function: owner.function }),
    ...(owner.variable === undefined ? {} : { variable: owner.variable }),
    ...(unloaded.length > 0 ? { unloaded } : {}),
  };
}
