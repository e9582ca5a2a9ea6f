import type { StructLayout } from '../layouts/struct-layout.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import { walkList } from './list.ts';
import { freeAt, type HeapWalk } from './slab-heap.ts';

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
  const cpus = possibleCpus(kernel);
  for (const [number, { slub, address }] of caches.entries()) {
    for (const cpu of slub?.cpuSheaves === undefined ? [] : cpus)
      emptyCpu(walk, viewStruct(memory, layouts, layout, perCpu(slub?.cpuSheaves ?? 0n, cpu)), sheaf, number);
    for (const barn of barnsOf(walk, address))
      for (const at of sheavesOf(walk, barn, number)) emptySheaf(walk, sheaf, at, number, 'a sheaf of a node');
  }
}

function emptyCpu(walk: HeapWalk, view: StructView, sheaf: StructLayout, cache: number): void {
  for (const name of ['main', 'spare', 'rcu_free'].filter((member) => view.has(member))) {
    const at = ifThere(() => view.pointer(name)) ?? 0n;
    if (at !== 0n) emptySheaf(walk, sheaf, at, cache, `the ${name} sheaf of a CPU`);
  }
}

function emptySheaf(walk: HeapWalk, sheaf: StructLayout, address: bigint, cache: number, list: string): void {
  const { memory } = walk.kernel;
  walk.arrays.push(address);
  const size = ifThere(() => memory.u32(address + BigInt(sheaf.need('size').offset))) ?? 0;
  if (size > MOST_IN_SHEAF) return walk.problem(`${list} claims ${size} objects`, cache);
  const bytes = memory.tryRead(address + BigInt(sheaf.need('objects').offset), size * 8);
  if (!bytes) return walk.problem(`${list} cannot be read`, cache);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < size; i++) freeAt(walk, view.getBigUint64(i * 8, true), cache, list);
}

const MOST_IN_SHEAF = 65_536;
const MOST_NODES = 1024;

/** `node[]` to 7.0, since then (commit 5ba6bc27b1f9) `per_node[]`. */
function barnsOf({ kernel }: HeapWalk, cache: bigint): readonly bigint[] {
  const { layouts, memory, symbols } = kernel;
  const layout = layouts.needStruct('kmem_cache');
  const nodes = Math.min(MOST_NODES, ifThere(() => memory.u32(symbols.find('nr_node_ids') ?? 0n)) ?? 1);
  return Array.from({ length: nodes }, (_, node) => {
    const direct = layout.member(`per_node[${node}].barn`);
    if (direct) return ifThere(() => memory.u64(cache + BigInt(direct.offset))) ?? 0n;
    const pointer = layout.member(`node[${node}]`);
    const barn = layouts.member('kmem_cache_node', 'barn');
    if (!pointer || !barn) return 0n;
    const at = ifThere(() => memory.u64(cache + BigInt(pointer.offset))) ?? 0n;
    return at === 0n ? 0n : (ifThere(() => memory.u64(at + BigInt(barn.offset))) ?? 0n);
  }).filter((at) => at !== 0n);
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
