import { groupObjects, type ObjectGroup } from '../../analysis/clustering/group-objects.ts';
import { unreachableNodes } from '../../analysis/clustering/unreachable.ts';
import { describeGroup } from '../../analysis/typing/describe-group.ts';
import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { CoreMap, CoreMapArea, CoreMapPart, CoreMapType } from '../../findings/core/core-map.ts';
import type { CoreMemory } from '../../findings/core/core-memory.ts';
import type { CoreCache } from '../../findings/core/core-slabs.ts';
import { typingTools } from './groups.ts';
import { coreMemory } from './memory.ts';
import { findCaches } from './objects.ts';
import type { CoreSession } from './session.ts';
import { coreSlabs } from './slabs.ts';
import { coreVmalloc } from './vmalloc.ts';

/** Milliseconds for the types of objects; caches that are left have none. */
const PATIENCE = 20_000;
/** Of slab memory: smaller caches are not looked into. */
const SMALL = 0.001;
const MOST_CACHES = 60;
const MOST_PARTS = 200;
const MOST_TYPES = 12;
/** Groups of one cache that are described: of the others their number is told. */
const MOST_GROUPS = 20;

/** The memory of a dump by use, cache and type. `tell` hears what is done. Throws InputError where the dump has no types. */
export function coreMap(session: CoreSession, tell: (doing: string) => void = () => undefined): CoreMap {
  tell('counting pages');
  const memory = coreMemory(session);
  const { caches, problems } = coreSlabs(session);
  tell('searching memory for references');
  const { reachability, heap, kernel } = session;
  const lost = unreachableNodes(reachability, heap);
  tell('telling types');
  const { types, unlooked } = typesOf(session, caches);
  const parts = (reclaimable: boolean): readonly CoreMapPart[] =>
    caches
      .filter((cache) => cache.reclaimable === reclaimable && cache.bytes > 0)
      .map((cache) => partOf(cache, types.get(cache.name) ?? []));
  const partsOf: Readonly<Record<string, () => readonly CoreMapPart[]>> = {
    'slab-reclaimable': () => parts(true),
    'slab-unreclaimable': () => parts(false),
    vmalloc: () => callers(session),
    unexplained: () => blocks(memory),
  };
  const areas = areasOf(memory).map((area): CoreMapArea => {
    return { ...area, parts: fitting(partsOf[area.name]?.() ?? [], area.bytes) };
  });
  const { table, strides } = reachability.space;
  const objects = lost.nodes.filter((node) => node < table.objects);
  let bytes = 0;
  for (const node of objects) bytes += strides[table.cacheOf(node)] ?? 0;
  return {
    release: kernel.release,
    machine: kernel.machine,
    totalBytes: memory.totalBytes,
    areas: areas.filter((area) => area.bytes > 0).toSorted((a, b) => b.bytes - a.bytes),
    unreachable: { objects: objects.length, bytes },
    unlooked,
    problems: [...new Set([...memory.problems, ...problems])].slice(0, 50),
  };
}

function areasOf({ buckets, unaccountedBytes }: CoreMemory): readonly Omit<CoreMapArea, 'parts'>[] {
  const rest: Omit<CoreMapArea, 'parts'> = {
    name: 'unexplained',
    label: 'unexplained',
    layer: 'page-allocator',
    bytes: unaccountedBytes ?? 0,
    from: 'given out, and nothing tells to whom',
  };
  return [...buckets, ...(unaccountedBytes === undefined ? [] : [rest])];
}

const partOf = ({ name, bytes, allocated, aliases }: CoreCache, types: readonly CoreMapType[]): CoreMapPart => ({
  kind: 'cache',
  name,
  bytes,
  count: allocated,
  ...(aliases.length > 0 ? { aliases: aliases.slice(0, 12) } : {}),
  types,
});

/**
 * The largest first, as far as they fit: blocks of large kmalloc look like a driver's, and are slab by the kernel's own count, so
 * that what nothing tells of may be less than the blocks that nothing is known of.
 */
function fitting(parts: readonly CoreMapPart[], bytes: number): readonly CoreMapPart[] {
  let left = bytes;
  const sorted = parts.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_PARTS);
  return sorted.filter((part) => {
    if (part.bytes > left) return false;
    left -= part.bytes;
    return true;
  });
}

const callers = (session: CoreSession): readonly CoreMapPart[] =>
  coreVmalloc(session).callers.flatMap(({ caller, module, use, areas, bytes, samples: [sample] }) =>
    bytes === 0
      ? []
      : [
          {
            kind: 'caller',
            name: `${caller ?? use}${module === undefined || caller?.includes('[') === true ? '' : ` [${module}]`}`,
            bytes,
            count: areas,
            ...(sample === undefined ? {} : { sample }),
            types: [],
          },
        ],
  );

const blocks = ({ unaccountedOrders }: CoreMemory): readonly CoreMapPart[] =>
  unaccountedOrders.map(({ order, blocks: count, bytes, isCompound, samples: [sample] }) => ({
    kind: 'blocks',
    name: `${order === 0 ? 'single pages' : `blocks of ${2 ** order} pages`}${isCompound ? ', compound' : ''}`,
    bytes,
    count,
    ...(sample === undefined ? {} : { sample }),
    types: [],
  }));

interface Typed {
  readonly types: ReadonlyMap<string, readonly CoreMapType[]>;
  readonly unlooked: number;
}

/** Types of the objects of the largest caches, as long as time allows. */
function typesOf(session: CoreSession, caches: readonly CoreCache[]): Typed {
  const all = caches.reduce((sum, { bytes }) => sum + bytes, 0);
  const wanted = caches.filter(({ bytes, allocated }) => allocated > 0 && bytes > all * SMALL).slice(0, MOST_CACHES);
  const numbers = new Map(wanted.map(({ name }) => [name, findCaches(session, name)]));
  const tools = typingTools(session);
  const lost = unreachableNodes(session.reachability, session.heap);
  const extents = new Map([...numbers.values()].flatMap((of) => [...of].map((number) => [number, 'all'] as const)));
  const { groups } = groupObjects({ ...tools.reader, lost }, extents);
  const end = performance.now() + PATIENCE;
  const types = new Map<string, readonly CoreMapType[]>();
  for (const [name, of] of numbers) {
    if (performance.now() > end) break;
    const own = groups.filter(({ cache, isUnread }) => of.has(cache) && !isUnread);
    types.set(name, byType(session, tools, own));
  }
  return { types, unlooked: wanted.length - types.size };
}

function byType(session: CoreSession, tools: TypingTools, groups: readonly ObjectGroup[]): readonly CoreMapType[] {
  const found = new Map<string, CoreMapType>();
  const ordered = groups.toSorted((a, b) => b.objects - a.objects);
  for (const [i, group] of ordered.entries()) {
    const { state, candidates } = i < MOST_GROUPS ? describeGroup(tools, group).type : NO_TYPE;
    const type = state === 'exact' && candidates[0] ? `struct ${candidates[0].type.name}` : undefined;
    const known = found.get(type ?? '') ?? { objects: 0, bytes: 0, unreachable: 0 };
    found.set(type ?? '', {
      ...(type === undefined ? {} : { type }),
      objects: known.objects + group.objects,
      bytes: known.bytes + group.objects * (session.heap.caches[group.cache]?.size ?? 0),
      unreachable: known.unreachable + group.unreachable,
    });
  }
  return [...found.values()].toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_TYPES);
}

const NO_TYPE = { state: 'unknown', candidates: [] } as const;
