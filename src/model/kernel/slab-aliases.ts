import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';
import type { KmemCache } from './slab-caches.ts';

/** More nodes are damage: /sys/kernel/slab has some hundreds. */
const MOST_NODES = 65_536;
/** KERNFS_LINK of kernfs_node.flags (include/linux/kernfs.h). */
const KERNFS_LINK = 4;

/**
 * Other names that a cache is used under: SLUB serves caches of like size from one, and keeps a link for each name in
 * /sys/kernel/slab. By cache address; empty where the kernel has no such folder (SLAB, no SYSFS) or types do not say.
 */
export function slabAliases(kernel: Kernel, caches: readonly KmemCache[]): ReadonlyMap<bigint, readonly string[]> {
  const { symbols, memory, layouts } = kernel;
  const names = new Map<bigint, string[]>();
  const [node, cache] = [layouts.struct('kernfs_node'), layouts.struct('kmem_cache')];
  const set = symbols.find('slab_kset');
  if (!node?.has('rb') || !node.has('symlink.target_kn') || !cache?.has('kobj.sd') || set === undefined) return names;
  const [folder, rb, own] = [layouts.member('kset', 'kobj.sd'), node.need('rb').offset, cache.need('kobj.sd').offset];
  const owners = new Map(
    caches.flatMap(({ address, name }) => {
      const at = ifThere(() => memory.u64(address + BigInt(own)));
      return at === undefined || at === 0n ? [] : [[at, { address, name }] as const];
    }),
  );
  const root = ifThere(() => {
    const directory = memory.u64(memory.u64(set) + BigInt(folder?.offset ?? 0));
    return memory.u64(directory + BigInt(node.need('dir.children').offset));
  });
  const waiting = root === undefined || root === 0n ? [] : [root];
  const seen = new Set<bigint>();
  for (let next = waiting.pop(); next !== undefined && seen.size < MOST_NODES; next = waiting.pop()) {
    const at = next - BigInt(rb);
    if (seen.has(at)) continue;
    seen.add(at);
    ifThere(() => {
      const view = viewStruct(memory, layouts, node, at);
      for (const side of ['rb.rb_left', 'rb.rb_right']) if (view.pointer(side) !== 0n) waiting.push(view.pointer(side));
      if ((view.number('flags') & KERNFS_LINK) === 0) return;
      const owner = owners.get(view.pointer('symlink.target_kn'));
      const name = view.text('name');
      if (owner && owner.name !== name) names.set(owner.address, [...(names.get(owner.address) ?? []), name]);
    });
  }
  for (const list of names.values()) list.sort();
  return names;
}
