import { measureCgroups, type CgroupCharges, type CgroupUse } from '../../analysis/audit/measure-cgroups.ts';
import type { CgroupPin, CoreCgroup, CoreCgroups } from '../../findings/core/core-cgroups.ts';
import { possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { walkMemoryCgroups, type MemoryCgroup } from '../../model/kernel/memory-cgroups.ts';
import { u32Variable } from '../../model/kernel/variables.ts';
import { InputError } from '../../sources/input-error.ts';
import { spell } from './addresses.ts';
import { cgroupHolders } from './cgroup-holders.ts';
import type { CoreSession } from './session.ts';

/** Memory cgroups and what keeps those that are dying. Throws InputError where the kernel has none. */
export function coreCgroups(session: CoreSession): CoreCgroups {
  const { value: groups, problems } = walkMemoryCgroups(session.kernel);
  if (groups.length === 0)
    throw new InputError(
      session.kernel.file,
      problems[0] ?? 'has no memory cgroups that its symbols and types lead to',
      'a kernel booted with cgroup_disable=memory has none; for one without symbols give --symbols with its vmlinux',
    );
  return describeCgroups(session, groups, problems);
}

/** The same of cgroups that were walked before. */
export function describeCgroups(
  session: CoreSession,
  groups: readonly MemoryCgroup[],
  problems: readonly string[],
): CoreCgroups {
  const { kernel, refinedPages } = session;
  const { pageSize } = kernel.memory;
  const use = measureCgroups(kernel, refinedPages, groups);
  const rows = groups.map((group, i) => row(group, use?.charges[i], pageSize));
  const dying = groups.filter(({ online }) => !online);
  return {
    cgroups: groups.length,
    dying: dying.length,
    ...(use ? { dyingBytes: rows.reduce((sum, r) => sum + (r.online ? 0 : ownBytes(r)), 0) } : {}),
    bytesEach: bytesEach(kernel),
    pins: dying.length === 0 ? [] : pinsOf(session, groups, use),
    files: (use?.files ?? []).map(({ inode, pages, ...file }) => ({
      ...file,
      inode: spell(inode),
      bytes: pages * pageSize,
    })),
    groups: rows.toSorted((a, b) => Number(a.online) - Number(b.online) || ownBytes(b) - ownBytes(a)),
    problems,
  };
}

function row(group: MemoryCgroup, charges: CgroupCharges | undefined, pageSize: number): CoreCgroup {
  const { address, path, online, references, children, chargedBytes } = group;
  const others = online ? undefined : otherReferences(group, charges);
  return {
    path,
    address: spell(address),
    online,
    ...(references === undefined ? {} : { references }),
    ...(others === undefined ? {} : { otherReferences: others }),
    children,
    chargedBytes,
    ...(charges
      ? {
          anonymousBytes: charges.anonymous * pageSize,
          pageCacheBytes: charges.pageCache * pageSize,
          shmemBytes: charges.shmem * pageSize,
          kernelBytes: charges.kernel * pageSize,
          slabObjects: charges.slabObjects,
          slabBytes: charges.slabBytes,
        }
      : {}),
  };
}

const ownBytes = (group: CoreCgroup): number =>
  (group.anonymousBytes ?? 0) +
  (group.pageCacheBytes ?? 0) +
  (group.shmemBytes ?? 0) +
  (group.kernelBytes ?? 0) +
  (group.slabBytes ?? 0);

/** Each folio, each child and the number, while somebody uses it, hold one (mm/memcontrol.c). */
function otherReferences(group: MemoryCgroup, charges: CgroupCharges | undefined): number | undefined {
  if (group.references === undefined || !charges) return undefined;
  const number = (group.idReferences ?? 0) > 0 ? 1 : 0;
  return Math.max(0, group.references - charges.folios - group.children - number);
}

const OF_FILES = ['page cache', 'shmem'] as const;

function pinsOf(
  session: CoreSession,
  groups: readonly MemoryCgroup[],
  use: CgroupUse | undefined,
): readonly CgroupPin[] {
  const { pageSize } = session.kernel.memory;
  const dying = groups.flatMap((group, i) => (group.online ? [] : [{ group, charges: use?.charges[i] }]));
  const pin = (kind: CgroupPin['kind'], of: (d: (typeof dying)[number]) => number, unit: number): CgroupPin[] => {
    const counts = dying.map(of).filter((n) => n > 0);
    const count = counts.reduce((sum, n) => sum + n, 0);
    if (count === 0) return [];
    return [{ kind, cgroups: counts.length, count, ...(unit > 0 ? { bytes: count * unit } : {}), samples: [] }];
  };
  const files = (use?.systems ?? []).map(({ fileSystem, pages, cgroups }): CgroupPin => ({
    kind: IN_MEMORY.has(fileSystem) ? OF_FILES[1] : OF_FILES[0],
    fileSystem,
    cgroups,
    count: pages,
    bytes: pages * pageSize,
    samples: [],
  }));
  const held = dying.filter(({ group, charges }) => (otherReferences(group, charges) ?? 1) > 0);
  return [
    ...files,
    ...pin('anonymous memory', ({ charges }) => charges?.anonymous ?? 0, pageSize),
    ...pin('kernel memory', ({ charges }) => charges?.kernel ?? 0, pageSize),
    ...pin('child cgroups', ({ group }) => group.children, 0),
    ...pin('swap', ({ group }) => group.idReferences ?? 0, 0),
    ...cgroupHolders(
      session,
      held.map(({ group }) => group.address),
    ),
  ].toSorted((a, b) => b.cgroups - a.cgroups || (b.bytes ?? 0) - (a.bytes ?? 0));
}

/** File systems whose pages have no file on a disk behind them: dropping caches does not give them back. */
const IN_MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'shm', 'devtmpfs', 'ramfs', 'rootfs', 'hugetlbfs']);

/** Sizes of structs by their types, for one node and all CPUs; what lies behind their ends is not counted. */
function bytesEach(kernel: Kernel): number {
  const { layouts } = kernel;
  const nodes = u32Variable(kernel, 'nr_node_ids') ?? 1;
  const cpus = possibleCpus(kernel).length;
  const size = (name: string): number => layouts.sizeOf(name) ?? 0;
  const ofNode = size('mem_cgroup_per_node') + size('lruvec_stats') + cpus * size('lruvec_stats_percpu');
  return (
    size('cgroup') + size('mem_cgroup') + size('memcg_vmstats') + cpus * size('memcg_vmstats_percpu') + nodes * ofNode
  );
}
