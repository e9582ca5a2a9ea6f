import { dentryPath } from '../../model/kernel/dentry-path.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { eachObject } from './each-object.ts';
import { FileSystems } from './file-systems.ts';

/** Dentries in one directory. */
export interface DentryDirectory {
  readonly fileSystem: string;
  /** Inside of its file system, empty where it has no tree; names are users': escape before showing. */
  readonly path: string;
  readonly dentries: number;
  /** Names that do not exist. */
  readonly negative: number;
  /** Held by nobody, on the LRU list: given back when memory is short. */
  readonly unused: number;
  readonly bytes: number;
  /** Names of some of them. */
  readonly names: readonly string[];
  readonly samples: readonly bigint[];
}

export interface DentryUse {
  readonly dentries: number;
  readonly negative: number;
  readonly unused: number;
  readonly bytes: number;
  /** The largest first. */
  readonly directories: readonly DentryDirectory[];
}

const MOST_DIRECTORIES = 200;
const MOST_SAMPLES = 3;
/** DCACHE_LRU_LIST: a macro before 6.9 (commit 292ccafe6f1d made flags an enum in later releases), always this bit. */
const ON_LRU = 0x80000n;

/** All dentries, by the directory they are in. Undefined where the types have no struct dentry. */
export function measureDentryUse(kernel: Kernel, heap: SlabHeap): DentryUse | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct('dentry');
  const cache = heap.caches.findIndex(({ name }) => name === 'dentry');
  if (!layout || cache < 0) return undefined;
  const size = heap.caches[cache]?.size ?? 0;
  const lru = layouts.enumValue('DCACHE_LRU_LIST') ?? ON_LRU;
  const groups = new Map<
    bigint,
    { dentries: number; negative: number; unused: number; sb: bigint; samples: bigint[] }
  >();
  for (const { address } of eachObject(kernel, heap, cache)) {
    ifThere(() => {
      const view = viewStruct(memory, layouts, layout, address);
      const sb = view.pointer('d_sb');
      // Those of sockets and pipes are in no directory, each is its own parent.
      const parent = view.pointer('d_parent');
      const directory = parent === address ? sb : parent;
      const group = groups.get(directory) ?? { dentries: 0, negative: 0, unused: 0, sb, samples: [] };
      group.dentries++;
      if (view.pointer('d_inode') === 0n) group.negative++;
      if ((view.u64('d_flags') & lru) !== 0n && view.number('d_lockref.count') === 0) group.unused++;
      if (group.samples.length < MOST_SAMPLES) group.samples.push(address);
      groups.set(directory, group);
    });
  }
  const systems = new FileSystems(kernel);
  const sorted = [...groups].toSorted(([, a], [, b]) => b.dentries - a.dentries);
  const sum = (of: (group: { dentries: number; negative: number; unused: number }) => number): number =>
    sorted.reduce((total, [, group]) => total + of(group), 0);
  return {
    dentries: sum((g) => g.dentries),
    negative: sum((g) => g.negative),
    unused: sum((g) => g.unused),
    bytes: sum((g) => g.dentries) * size,
    directories: sorted.slice(0, MOST_DIRECTORIES).map(([directory, { sb, ...group }]) => ({
      fileSystem: systems.at(sb).name,
      path: directory === sb ? '' : dentryPath(kernel, directory),
      ...group,
      bytes: group.dentries * size,
      names: group.samples.map((at) => dentryPath(kernel, at).split('/').at(-1) ?? ''),
    })),
  };
}
