import { describe, expect, it } from 'vitest';
import { buildKernel, type BuiltKernel } from '../../../testkit/kernel/build-kernel.ts';
import { addSlabFolder, KERNFS_STRUCTS } from '../../../testkit/kernel/kernfs-writer.ts';
import { slabAliases } from './slab-aliases.ts';
import { slabCaches } from './slab-caches.ts';

const LINKS = { 'biovec-4': ':0000064', fib6_node: ':0000064', 'kmalloc-64': ':0000064', anon_vma: ':A-0000104' };

/** Two caches that serve others too: nodes of sysfs with names that are sizes, and links for each name. */
function build(damage: (built: BuiltKernel, nodes: ReadonlyMap<string, bigint>) => void = () => undefined) {
  const built = buildKernel({
    structs: KERNFS_STRUCTS,
    caches: [
      { name: 'kmalloc-64', size: 64, slabs: ['AAfA'] },
      { name: 'anon_vma', size: 104, slabs: ['A'] },
      { name: 'dentry', size: 192, slabs: ['A'] },
    ],
  });
  const nodes = addSlabFolder(built.machine, { nodes: [':0000064', ':A-0000104', 'dentry'], links: LINKS });
  for (const [name, node] of [
    ['kmalloc-64', ':0000064'],
    ['anon_vma', ':A-0000104'],
    ['dentry', 'dentry'],
  ] as const)
    // prettier-ignore
    built.machine.fill(built.types.cache, built.cache(name).address, { 'kobj.sd': nodes.get(node) ?? 0n });
  damage(built, nodes);
  const kernel = built.open();
  return { built, aliases: slabAliases(kernel, slabCaches(kernel).value) };
}

describe('names of a cache that serves several', () => {
  it('are those of the links in /sys/kernel/slab that lead to it, without its own', () => {
    const { built, aliases } = build();
    expect([...aliases]).toEqual([[built.cache('kmalloc-64').address, ['biovec-4', 'fib6_node']]]);
  });

  it('are fewer where a part of the tree is not in the dump', () => {
    const { built, aliases } = build(({ machine }, nodes) => {
      const root = nodes.get('biovec-4') ?? 0n;
      // The middle of the tree: its left side then leads nowhere.
      machine.poke(root + 24n + 16n, 8, 0xffffc90000000000n);
    });
    expect(aliases.get(built.cache('kmalloc-64').address)).toEqual(['biovec-4', 'fib6_node']);
  });

  it('are told once where the tree goes round', () => {
    const { built, aliases } = build(({ machine }, nodes) => {
      const [first = 0n] = nodes.values();
      const root = nodes.get('biovec-4') ?? 0n;
      machine.poke(first + 24n + 8n, 8, root + 24n);
    });
    expect(aliases.get(built.cache('kmalloc-64').address)).toEqual(['biovec-4', 'fib6_node']);
  });

  it('are none where the kernel has no such folder, or its types do not say', () => {
    const built = buildKernel({ caches: [{ name: 'a', size: 64, slabs: ['A'] }] });
    const kernel = built.open();
    expect(slabAliases(kernel, slabCaches(kernel).value).size).toBe(0);
    addSlabFolder(built.machine, { nodes: ['a'], links: {} });
    const again = built.open();
    expect(slabAliases(again, slabCaches(again).value).size).toBe(0);
  });
});
