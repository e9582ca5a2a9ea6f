import { perCpu, possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';
import { eachObject } from './each-object.ts';
import { FileSystems } from './file-systems.ts';

/** References to the mounts of one file system type that nothing in memory accounts for. */
export interface MountExcess {
  readonly fileSystem: string;
  readonly mounts: number;
  /** Sum of the counts. */
  readonly recorded: number;
  /** Words that hold a mount's address, and one for each dentry that the file system pins with its mount. */
  readonly found: number;
  readonly samples: readonly bigint[];
}

/** simple_pin_fs() takes a reference to the mount for every dentry that it keeps; others keep dentries alone. */
const PIN_MOUNTS = new Set(['apparmorfs', 'configfs', 'debugfs', 'securityfs', 'tracefs']);

/**
 * Compares the counts of mounts, by file system type, with the words that point to them. `pinned`: dentries that a file
 * system keeps, by its name; each of them holds its mount too. Undefined where types do not say how a mount is counted.
 */
export function auditMounts(
  kernel: Kernel,
  heap: SlabHeap,
  reach: Reachability,
  pinned: ReadonlyMap<string, number>,
): readonly MountExcess[] | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct('mount');
  const plus = layouts.firstOf('mnt_pcp', ['mnt_count', 'mnt_gets'])?.offset;
  // The newest kernels count what is taken and what is given back apart.
  const minus = layouts.member('mnt_pcp', 'mnt_puts')?.offset;
  const cache = heap.caches.findIndex(({ name }) => name === 'mnt_cache');
  if (!layout?.has('mnt_pcp') || plus === undefined || cache < 0) return undefined;
  const cpus = possibleCpus(kernel);
  const systems = new FileSystems(kernel);
  const totals = new Map<
    string,
    { fileSystem: string; mounts: number; recorded: number; found: number; samples: bigint[] }
  >();
  for (const { object, address } of eachObject(kernel, heap, cache)) {
    const read = ifThere(() => {
      const view = viewStruct(memory, layouts, layout, address);
      const counts = view.pointer('mnt_pcp');
      const sum = cpus.reduce((total, cpu) => {
        const at = perCpu(counts, cpu);
        const given = minus === undefined ? 0 : memory.i32(at + BigInt(minus));
        return total + ((memory.i32(at + BigInt(plus)) - given) | 0);
      }, 0);
      return { recorded: sum, name: systems.at(view.pointer('mnt.mnt_sb')).name };
    });
    if (!read || read.name === '') continue;
    const total = totals.get(read.name) ?? {
      fileSystem: read.name,
      mounts: 0,
      recorded: 0,
      found: PIN_MOUNTS.has(read.name) ? (pinned.get(read.name) ?? 0) : 0,
      samples: [],
    };
    total.mounts++;
    total.recorded += read.recorded;
    total.found += reach.graph.baseWords[object] ?? 0;
    if (total.samples.length < 4) total.samples.push(address);
    totals.set(read.name, total);
  }
  return [...totals.values()].toSorted((a, b) => b.recorded - b.found - (a.recorded - a.found));
}
