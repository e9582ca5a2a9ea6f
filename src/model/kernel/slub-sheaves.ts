import type { StructLayout } from '../layouts/struct-layout.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import { walkList } from './list.ts';
import { freeAt, type HeapWalk } from './slab-heap.ts';
import { u32Variable } from './variables.ts';

/**
 * Marks what lies in sheaves: arrays of free objects that CPUs keep ready (main, spare) or hand to RCU (rcu_free), and
 * those in the barn of each node. Since 6.18; from 7.0 on every cache has them.
 */
export function walkSheaves(walk: HeapWalk): void {
  const { kernel, caches } = walk;
  const { layouts, memory } = kernel;
  const layout = layouts.struct('slub_percpu_sheaves');
  const sheaf = layouts.struct('slab_sheaf');
  if (!layout || !sheaf) return;
  // Where CPUs' own slabs are walked too, what cannot be found of CPUs was said there.
  const said = layouts.struct('kmem_cache_cpu') !== undefined;
  const cpus = possibleCpus(kernel, (p) => {
    if (!said) walk.problem(`${p}: what they keep free counts as allocated`);
  });
  for (const [number, { slub, address }] of caches.entries()) {
    const most = slub?.sheafCapacity ?? MOST_IN_SHEAF;
    for (const cpu of slub?.cpuSheaves === undefined ? [] : cpus) {
      const view = viewStruct(memory, layouts, layout, perCpu(slub?.cpuSheaves ?? 0n, cpu));
      if (!emptyCpu(walk, view, sheaf, number, most))
        walk.problem(`the sheaves of CPU ${cpu.number} cannot be read`, number);
    }
    for (const barn of barnsOf(walk, address, number))
      for (const at of sheavesOf(walk, barn, number)) emptySheaf(walk, sheaf, at, number, 'a sheaf of a node', most);
  }
}

/** False where the dump lacks the memory of this CPU. */
function emptyCpu(walk: HeapWalk, view: StructView, sheaf: StructLayout, cache: number, most: number): boolean {
  const names = ['main', 'spare', 'rcu_free'].filter((member) => view.has(member));
  const found = ifThere(() => names.map((name) => ({ name, at: view.pointer(name) })));
  for (const { name, at } of found ?? [])
    if (at !== 0n) emptySheaf(walk, sheaf, at, cache, `the ${name} sheaf of a CPU`, most);
  return found !== undefined;
}

/** `most`: how many objects it has room for. */
function emptySheaf(
  walk: HeapWalk,
  sheaf: StructLayout,
  address: bigint,
  cache: number,
  list: string,
  most: number,
): void {
  const { memory } = walk.kernel;
  const objects = address + BigInt(sheaf.need('objects').offset);
  walk.arrays.push({ holder: address, from: objects, bytes: most * 8 });
  const size = ifThere(() => memory.u32(address + BigInt(sheaf.need('size').offset)));
  if (size !== undefined && size > most)
    return walk.problem(`${list} claims ${size} objects and has room for ${most}`, cache);
  const bytes = size === undefined ? undefined : memory.tryRead(objects, size * 8);
  if (!bytes) return walk.problem(`${list} cannot be read`, cache);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 8) freeAt(walk, view.getBigUint64(at, true), cache, list);
}

/** Where a cache does not say how many objects its sheaves hold. */
const MOST_IN_SHEAF = 65_536;
const MOST_NODES = 1024;

/** `node[]` to 7.0, since then (commit 5ba6bc27b1f9) `per_node[]`. */
function barnsOf(walk: HeapWalk, cache: bigint, number: number): readonly bigint[] {
  const nodes = Math.min(MOST_NODES, u32Variable(walk.kernel, 'nr_node_ids') ?? 1);
  return Array.from({ length: nodes }, (_, node) => {
    const barn = ifThere(() => barnOf(walk, cache, node));
    if (barn === undefined) walk.problem(`the sheaves of node ${node} cannot be read`, number);
    return barn ?? 0n;
  }).filter((at) => at !== 0n);
}

/** 0 for a node without memory. */
function barnOf({ kernel: { layouts, memory } }: HeapWalk, cache: bigint, node: number): bigint {
  const direct = layouts.member('kmem_cache', `per_node[${node}].barn`);
  if (direct) return memory.u64(cache + BigInt(direct.offset));
  const pointer = layouts.member('kmem_cache', `node[${node}]`);
  const barn = layouts.member('kmem_cache_node', 'barn');
  const at = pointer && barn ? memory.u64(cache + BigInt(pointer.offset)) : 0n;
  return at === 0n ? 0n : memory.u64(at + BigInt(barn?.offset ?? 0));
}

/** Full ones and empty ones, whose size is 0. */
function sheavesOf(walk: HeapWalk, barn: bigint, cache: number): readonly bigint[] {
  const { layouts, memory } = walk.kernel;
  const entry = layouts.member('slab_sheaf', 'barn_list');
  const problem = (p: string): void => walk.problem(`a list of sheaves ${p}`, cache);
  return ['sheaves_full', 'sheaves_empty'].flatMap((list) => {
    const head = layouts.member('node_barn', list);
    if (!head || !entry) return [];
    return [...walkList(memory, barn + BigInt(head.offset), problem)].map((at) => at - BigInt(entry.offset));
  });
}
