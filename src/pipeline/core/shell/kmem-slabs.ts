import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellCache, ShellSlab } from '../../../findings/core/shell-heap.ts';
import { addressOfObject } from '../../../model/kernel/slab-heap.ts';
import { walkZones, type Zone } from '../../../model/kernel/zones.ts';
import { spell } from '../addresses.ts';
import { findCaches, stateOf } from '../objects.ts';
import type { CoreSession } from '../session.ts';
import { coreSlabs } from '../slabs.ts';

/** `kmem -s`: every cache, or those of a name, in the kernel's order. */
export function* showCaches(session: CoreSession, names: readonly string[]): Generator<ShellBlock> {
  const { caches, problems } = readCaches(session);
  if (names.length === 0) {
    yield { kind: 'caches', caches };
    yield { kind: 'problems', problems };
    return;
  }
  const numbers = new Set(names.flatMap((name) => [...findCaches(session, name)]));
  const addresses = new Set([...numbers].map((number) => spell(session.heap.caches[number]?.address ?? 0n)));
  yield { kind: 'caches', caches: caches.filter(({ address }) => addresses.has(address)) };
}

/** `kmem -S`: caches with their slabs and the objects in them, full slabs too. */
export function* showSlabs(session: CoreSession, names: readonly string[]): Generator<ShellBlock> {
  const { heap } = session;
  const { caches } = readCaches(session);
  const wanted = names.length === 0 ? caches.map(({ address }) => address) : names;
  const reader = new SlabReader(session);
  for (const name of wanted) {
    const numbers = findCaches(session, name);
    const first = [...numbers].map((number) => spell(heap.caches[number]?.address ?? 0n));
    yield { kind: 'caches', caches: caches.filter(({ address }) => first.includes(address)) };
    for (let slab = 0; slab < heap.table.count; slab++)
      if (numbers.has(heap.table.cache[slab] ?? 0)) yield { kind: 'slab', slab: reader.read(slab) };
    const problems = heap.problems.filter(({ cache }) => cache !== undefined && numbers.has(cache));
    yield { kind: 'problems', problems: problems.map(({ problem }) => problem) };
  }
}

/** The cache, the slab and the object at a physical address; nothing where no slab is. `whole`: all objects of the slab. */
export function* showObject(session: CoreSession, physical: number, whole: boolean): Generator<ShellBlock> {
  const { heap, kernel } = session;
  const slab = heap.table.slabAt(Math.floor(physical / kernel.memory.pageSize));
  const cache = slab === undefined ? undefined : heap.caches[heap.table.cache[slab] ?? 0];
  if (slab === undefined || !cache) return;
  yield* showCaches(session, [spell(cache.address)]);
  const read = new SlabReader(session).read(slab);
  const at = directOf(session) + BigInt(physical);
  const object = read.objects.findLast(({ address }) => BigInt(`0x${address}`) <= at);
  yield { kind: 'slab', slab: whole ? read : { ...read, objects: object ? [object] : [] } };
}

const directOf = ({ kernel }: CoreSession): bigint =>
  (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);

function readCaches(session: CoreSession): { caches: readonly ShellCache[]; problems: readonly string[] } {
  const { heap, kernel } = session;
  const { caches, problems } = coreSlabs(session);
  const byAddress = new Map(caches.map((cache) => [cache.address, cache]));
  const rows = heap.caches.flatMap(({ address, order }): ShellCache[] => {
    const cache = byAddress.get(spell(address));
    if (!cache) return [];
    const { name, objectSize, allocated, total, slabs } = cache;
    const slabBytes = kernel.memory.pageSize * 2 ** order;
    return [{ address: cache.address, name, objectSize, allocated, total, slabs, slabBytes }];
  });
  const own = caches.flatMap((cache) => cache.problems.map((problem) => `${cache.name}: ${problem}`));
  return { caches: rows, problems: [...problems, ...own] };
}

class SlabReader {
  readonly #session: CoreSession;
  readonly #zones: readonly Zone[];

  constructor(session: CoreSession) {
    this.#session = session;
    this.#zones = walkZones(session.kernel).value;
  }

  read(slab: number): ShellSlab {
    const { heap, kernel, pages } = this.#session;
    const { table, caches } = heap;
    const frame = table.frame[slab] ?? 0;
    const base = directOf(this.#session);
    const places = { kernel, caches, table, directMap: base };
    const [first, capacity] = [table.first[slab] ?? 0, table.capacity[slab] ?? 0];
    const objects = Array.from({ length: capacity }, (_, i) => ({
      address: spell(addressOfObject(places, slab, i)),
      state: stateOf(table, first + i),
    }));
    const struct = pages.map.addressOf(frame);
    const zone = this.#zones.find(({ startFrame, spanned }) => frame >= startFrame && frame < startFrame + spanned);
    const isUnknown = capacity > 0 && table.isUnknown(first);
    return {
      ...(struct === undefined ? {} : { slab: spell(struct) }),
      memory: spell(base + BigInt(frame * kernel.memory.pageSize)),
      ...(zone ? { node: zone.node } : {}),
      total: capacity,
      allocated: isUnknown ? (table.inUse[slab] ?? 0) : capacity - table.countFree(first, capacity),
      objects,
    };
  }
}
