import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import type { KmemCache } from './slab-caches.ts';
import { freeAt, type HeapWalk } from './slab-heap.ts';
import { u32Variable } from './variables.ts';

const MOST_NODES = 1024;
/** An array_cache that claims more is damaged; the kernel's largest holds a few hundred. */
const MOST_IN_ARRAY = 65_536;

/**
 * Marks what is free in slabs of SLAB: the indices behind the `active` first of each slab's index array (since 3.13, commit
 * b1cb0982bdd6), and what lies in the arrays that CPUs and nodes keep ready, which slabs count as in use.
 */
export function walkSlabFreeObjects(walk: HeapWalk): void {
  const { table, kernel } = walk;
  const width = kernel.layouts.sizeOf('freelist_idx_t') ?? 1;
  for (let slab = 0; slab < table.count; slab++) freeBehindActive(walk, slab, width);
  walkArrays(walk);
}

/** `width`: bytes of an index. */
function freeBehindActive(walk: HeapWalk, slab: number, width: number): void {
  const { columns, table, kernel } = walk;
  const [capacity, active, first] = [table.capacity[slab] ?? 0, table.inUse[slab] ?? 0, table.first[slab] ?? 0];
  if (active > capacity)
    return walk.setUnknown(slab, `it counts ${active} objects in use and has room for ${capacity}`);
  if (active === capacity) return;
  const at = (BigInt(columns.freeHigh[slab] ?? 0) << 32n) | BigInt(columns.freeLow[slab] ?? 0);
  const indices = kernel.memory.tryRead(at + BigInt(active * width), (capacity - active) * width);
  if (!indices) return walk.setUnknown(slab, 'its free index is not in the dump');
  for (let i = 0; i < indices.length; i += width) {
    const index = (indices[i] ?? 0) + (width > 1 ? (indices[i + 1] ?? 0) * 256 : 0);
    if (index >= capacity) return walk.setUnknown(slab, 'its free index leads out of it');
    if (!table.free(first + index)) return walk.setUnknown(slab, 'its free index names an object twice');
  }
}

function walkArrays(walk: HeapWalk): void {
  const { kernel, caches } = walk;
  const { layouts, memory } = kernel;
  const cpus = possibleCpus(kernel, (p) => walk.problem(`${p}: what they keep free counts as allocated`));
  const nodes = Math.min(MOST_NODES, u32Variable(kernel, 'nr_node_ids') ?? 1);
  const layout = layouts.needStruct('kmem_cache');
  for (const [number, cache] of caches.entries()) {
    for (const cpu of cpus)
      emptyArray(walk, perCpu(cache.slab?.cpuCache ?? 0n, cpu), number, `the array of CPU ${cpu.number}`);
    for (let node = 0; node < nodes; node++) {
      const pointer = layout.member(`node[${node}]`);
      const whole = ifThere(() => {
        const at = pointer === undefined ? 0n : memory.u64(cache.address + BigInt(pointer.offset));
        if (at !== 0n) emptyNode(walk, at, number, nodes, cache);
        return true;
      });
      if (whole === undefined) walk.problem(`what node ${node} keeps free cannot be read`, number);
    }
  }
}

/** What a node shares among its CPUs, and what it holds for other nodes. Throws MemoryFault. */
function emptyNode(walk: HeapWalk, node: bigint, number: number, nodes: number, { name }: KmemCache): void {
  const { layouts, memory } = walk.kernel;
  const layout = layouts.struct('kmem_cache_node');
  const [shared, alien] = [layout?.member('shared'), layout?.member('alien')];
  const common = shared ? memory.u64(node + BigInt(shared.offset)) : 0n;
  if (common !== 0n) emptyArray(walk, common, number, `the shared array of ${name}`);
  const others = alien ? memory.u64(node + BigInt(alien.offset)) : 0n;
  // Since 4.0 (commit c8522a3a5832) the array for another node stands in a struct with its lock.
  const inside = BigInt(layouts.member('alien_cache', 'ac')?.offset ?? 0);
  for (let other = 0; other < nodes && others !== 0n; other++) {
    const at = memory.u64(others + BigInt(other * 8));
    if (at !== 0n) emptyArray(walk, at + inside, number, `the array for node ${other}`);
  }
}

function emptyArray(walk: HeapWalk, array: bigint, cache: number, what: string): void {
  const { memory, layouts } = walk.kernel;
  const layout = layouts.needStruct('array_cache');
  const [avail, limit, entries] = (['avail', 'limit', 'entry'] as const).map((m) => BigInt(layout.need(m).offset));
  const [count, most] = [avail, limit].map((at) => ifThere(() => memory.u32(array + (at ?? 0n))));
  if (count !== undefined && most !== undefined && count > Math.min(most, MOST_IN_ARRAY))
    return walk.problem(`${what} claims ${count} objects and has room for ${most}`, cache);
  const from = array + (entries ?? 0n);
  if (most !== undefined && most <= MOST_IN_ARRAY) walk.arrays.push({ holder: array, from, bytes: most * 8 });
  const bytes = count === undefined ? undefined : memory.tryRead(from, count * 8);
  if (!bytes) return walk.problem(`${what} cannot be read`, cache);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 8) freeAt(walk, view.getBigUint64(at, true), cache, what);
}
