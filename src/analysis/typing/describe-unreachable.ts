import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import type { ObjectGroup } from '../clustering/group-objects.ts';
import { groupLost, type ExtraGroup, type LostGroups } from '../clustering/lost-groups.ts';
import { lostUnits, type LostUnit } from '../clustering/lost-units.ts';
import { thin } from '../clustering/spread.ts';
import { unreachableNodes, type UnreachableNodes } from '../clustering/unreachable.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';
import type { CodeOwner } from './code-owner.ts';
import type { GroupDescription } from './describe-group.ts';
import { isWorthTyping, typeLostGroups } from './type-lost-groups.ts';
import { TypingTools } from './typing-tools.ts';
import { placeOfObject } from './word-facts.ts';

/** What is needed of an open dump. */
export interface UnreachableInput {
  /** Its layouts may hold the types of modules behind those of the kernel. */
  readonly kernel: Kernel;
  readonly heap: SlabHeap;
  readonly reachability: Reachability;
  /** Other names of a cache, by its address. */
  readonly aliasesOf: (cache: bigint) => readonly string[];
}

/** Unreachable memory that is alike: slab objects of one cache, or what else can be leaked. */
export interface LostGroup {
  readonly number: number;
  /** Of slab objects; by its place in the heap. */
  readonly cache?: number;
  readonly extra?: ExtraGroup;
  /** Bytes of each. */
  readonly size: number;
  readonly unreachable: number;
  /** Reachable objects with the same content; absent where they were not counted. */
  readonly reachable?: number;
  /** Nothing of their content is in the dump: they were left out, or could not be read. */
  readonly isUnread: boolean;
  /** Absent for groups too small to be looked at. */
  readonly description?: GroupDescription;
}

export interface DescribedPart {
  readonly group: LostGroup;
  /** Over all units. */
  readonly nodes: number;
  readonly bytes: number;
}

/** What was leaked together, and how often. The numbers are those of LostUnit. */
export interface DescribedUnit extends Omit<LostUnit, 'lead' | 'parts' | 'samples'> {
  readonly lead: LostGroup;
  readonly parts: readonly DescribedPart[];
  /** Whose code the leading group names, else another part of the unit. */
  readonly owner?: CodeOwner;
  /** Kernel addresses of nodes of the leading group, spread. */
  readonly samples: readonly bigint[];
}

/** All that no root leads to. */
export interface Unreachable {
  readonly lost: UnreachableNodes;
  /** The most bytes first. */
  readonly units: readonly DescribedUnit[];
  readonly groups: readonly LostGroup[];
  readonly nodes: number;
  readonly bytes: number;
  /** Objects that could not be looked at, by cache. */
  readonly unread: ReadonlyMap<number, number>;
}

const MOST_SAMPLES = 8;

/** Describes everything unreachable: grouped, typed, with its owner, as units that were leaked together. */
export function describeUnreachable(input: UnreachableInput, tools: TypingTools = new TypingTools(input)): Unreachable {
  const { heap, reachability } = input;
  const { space, graph } = reachability;
  const lost = unreachableNodes(reachability, heap);
  const found = groupLost({ ...tools.reader, lost }, heap);
  const typed = found.groups.some(isWorthTyping) ? typeLostGroups(tools, found, lost) : undefined;
  const canonical = typed?.canonical ?? ((group: number) => group);
  const groups = mergeGroups(found, canonical, heap, space.pageSize, typed?.descriptions ?? new Map());
  const units = lostUnits(graph, lost, {
    groupOf: (rank) => canonical(found.ofRank[rank] ?? 0),
    bytesOf: (group) => groups.get(group)?.size ?? 0,
  });
  const described = units.flatMap((unit) => describeUnit(input, unit, groups, lost));
  return {
    lost,
    units: described,
    groups: [...groups.values()].toSorted((a, b) => b.unreachable * b.size - a.unreachable * a.size),
    nodes: lost.count,
    bytes: units.reduce((sum, { bytes }) => sum + bytes, 0),
    unread: found.unread,
  };
}

/** Groups of one cache that turned out to be of one type and owner are one. */
function mergeGroups(
  { groups, extras }: LostGroups,
  canonical: (group: number) => number,
  { caches }: SlabHeap,
  pageSize: number,
  descriptions: ReadonlyMap<number, GroupDescription>,
): ReadonlyMap<number, LostGroup> {
  const merged = new Map<number, LostGroup>();
  for (const group of groups) {
    if (group.unreachable === 0) continue;
    const number = canonical(group.number);
    merged.set(number, joined(merged.get(number), group, number, caches[group.cache]?.size ?? 0, descriptions));
  }
  for (const extra of extras)
    merged.set(extra.number, {
      number: extra.number,
      extra,
      size: extra.frames * pageSize,
      unreachable: extra.nodes,
      isUnread: false,
    });
  return merged;
}

function joined(
  known: LostGroup | undefined,
  group: ObjectGroup,
  number: number,
  size: number,
  descriptions: ReadonlyMap<number, GroupDescription>,
): LostGroup {
  const description = descriptions.get(number);
  const reachable = group.extent === 'all' ? group.objects - group.unreachable : undefined;
  const both = known === undefined ? reachable : sumOf(known.reachable, reachable);
  return {
    number,
    cache: group.cache,
    size,
    unreachable: (known?.unreachable ?? 0) + group.unreachable,
    ...(both === undefined ? {} : { reachable: both }),
    isUnread: group.isUnread,
    ...(description ? { description } : {}),
  };
}

const sumOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

function describeUnit(
  { kernel, reachability }: UnreachableInput,
  { lead, parts, samples, ...numbers }: LostUnit,
  groups: ReadonlyMap<number, LostGroup>,
  lost: UnreachableNodes,
): readonly DescribedUnit[] {
  const leading = groups.get(lead);
  if (!leading) return [];
  const described = parts.flatMap(({ group: number, nodes }): DescribedPart[] => {
    const group = groups.get(number);
    return group ? [{ group, nodes, bytes: nodes * group.size }] : [];
  });
  const owner = ownerOf([leading, ...described.map(({ group }) => group)]);
  const nodes = thin(samples, MOST_SAMPLES).map((rank) => lost.nodes[rank] ?? 0);
  return [
    {
      ...numbers,
      lead: leading,
      parts: described,
      ...(owner ? { owner } : {}),
      samples: nodes.flatMap((node) => addressOf(kernel, reachability, node) ?? []),
    },
  ];
}

/** Code of a module, or that is gone, in any part says more than a function of the kernel in the first. */
function ownerOf(groups: readonly LostGroup[]): CodeOwner | undefined {
  const owners = groups.flatMap(({ description }) => description?.owner ?? []);
  return owners.find(({ kind }) => kind !== 'kernel') ?? owners[0];
}

/** The kernel address of a node. */
export function addressOf({ directMap }: Kernel, { space }: Reachability, node: number): bigint | undefined {
  const base = (directMap?.virtual ?? 0n) - BigInt(directMap?.physical ?? 0);
  if (node < space.table.objects) return base + BigInt(placeOfObject(space, node));
  const extra = space.extras[node - space.table.objects];
  return extra && (extra.address ?? base + BigInt(extra.frame * space.pageSize));
}
