import type { Machine } from './machine.ts';
import { inOrder, memberOf, type StructSpec } from './struct-spec.ts';

const KERNFS_DIR = 1;
const KERNFS_LINK = 4;

const rbNode = inOrder('rb_node', { __rb_parent_color: 'u64', rb_right: 'ptr', rb_left: 'ptr' });
const rbRoot = inOrder('rb_root', { rb_node: 'ptr' });
const directory = inOrder('kernfs_elem_dir', { subdirs: 'u64', children: rbRoot, root: 'ptr' });
const symlink = inOrder('kernfs_elem_symlink', { target_kn: 'ptr' });
const node: StructSpec = {
  name: 'kernfs_node',
  size: 96,
  members: {
    count: { at: 0, type: 'u32' },
    parent: { at: 8, type: 'ptr' },
    name: { at: 16, type: 'char*' },
    rb: { at: 24, type: rbNode },
    dir: { at: 56, type: directory },
    symlink: { at: 56, type: symlink },
    flags: { at: 80, type: 'u16' },
  },
};
const kset = inOrder('kset', {
  list: 'list',
  list_lock: 'u64',
  kobj: inOrder('kobject', { name: 'char*', entry: 'list', parent: 'ptr', kset: 'ptr', ktype: 'ptr', sd: 'ptr' }),
});

/** What types of a kernel with such a folder have to hold. */
export const KERNFS_STRUCTS: readonly StructSpec[] = [node, kset];

/** A folder of sysfs: its nodes by name, and names that lead to one of them. */
export interface Folder {
  readonly nodes: readonly string[];
  readonly links: Readonly<Record<string, string>>;
}

/** Makes /sys/kernel/slab, a balanced tree of nodes behind slab_kset; returns the addresses of the nodes by name. */
export function addSlabFolder(machine: Machine, { nodes, links }: Folder): ReadonlyMap<string, bigint> {
  const made = new Map<string, bigint>();
  const make = (name: string, flags: number): bigint =>
    machine.make(node, { count: 1, name: machine.text(name), flags });
  for (const name of nodes) made.set(name, make(name, KERNFS_DIR));
  for (const [name, target] of Object.entries(links)) {
    const at = make(name, KERNFS_LINK);
    machine.fill(node, at, { 'symlink.target_kn': made.get(target) ?? 0n });
    made.set(name, at);
  }
  const rb = BigInt(memberOf(node, 'rb').at);
  const tree = (all: readonly bigint[]): bigint => {
    const middle = Math.floor(all.length / 2);
    const at = all[middle];
    if (at === undefined) return 0n;
    machine.fill(node, at, { 'rb.rb_left': tree(all.slice(0, middle)), 'rb.rb_right': tree(all.slice(middle + 1)) });
    return at + rb;
  };
  const folder = make('slab', KERNFS_DIR);
  machine.fill(node, folder, { 'dir.children.rb_node': tree([...made.values()]) });
  const set = machine.make(kset, { 'kobj.sd': folder });
  machine.poke(machine.variable('slab_kset', 8, 8), 8, set);
  return made;
}
