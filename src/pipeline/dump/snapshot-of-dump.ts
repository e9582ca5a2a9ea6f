import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, seconds, type Bytes } from '../../base/units.ts';
import type { Amount, LoadedModule, ProcessUse, Snapshot, VmallocUser } from '../../model/snapshot.ts';
import { readAllocTags } from '../../model/kernel/alloc-tags.ts';
import { readVmCounters } from '../../model/kernel/vm-counters.ts';
import { spell } from '../core/addresses.ts';
import { uptimeSeconds } from '../core/info.ts';
import { CoreSession } from '../core/session.ts';
import { coreSlabs } from '../core/slabs.ts';

/** Opens a dump for its snapshot alone. Throws InputError or FormatError where it cannot be opened. */
export function snapshotOfFile(file: string): Snapshot {
  const session = CoreSession.open(file);
  try {
    return snapshotOfDump(session);
  } finally {
    session.close();
  }
}

/** What /proc would have said at the moment of the dump, as far as the kernel's own structures say it. */
export function snapshotOfDump(session: CoreSession): Snapshot {
  const { kernel, users, modules, dump } = session;
  const at = (symbol: string): Provenance => ({
    kind: 'address',
    file: kernel.file,
    address: spell(kernel.symbols.find(symbol) ?? 0n),
  });
  const uptime = uptimeSeconds(kernel);
  const name = dump.utsname?.['nodename'];
  return {
    label: kernel.file,
    ...(uptime === undefined ? {} : { time: { seconds: seconds(uptime), clock: 'boot' as const, at: at('tk_core') } }),
    host: {
      release: kernel.release,
      machine: kernel.machine === 'x86-64' ? 'x86_64' : kernel.machine,
      pageSize: bytes(kernel.memory.pageSize),
      ...(name === undefined || name === '' ? {} : { name }),
    },
    counters: counters(session, at),
    ...(session.pages.heap ? { caches: caches(session) } : {}),
    vmalloc: vmalloc(session, at('vmap_area_list')),
    freeLists: [],
    reports: reports(session),
    events: [],
    cgroups: [],
    threads: { count: users.tasks.length, at: at('init_task') },
    processes: processes(session),
    programs: [],
    modules: modules.map(({ name: module, sizeBytes, references, taints, address }): LoadedModule => ({
      name: module,
      bytes: bytes(sizeBytes),
      ...(references === undefined ? {} : { references }),
      taints,
      at: { kind: 'address', file: kernel.file, address: spell(address) },
    })),
    pools: [],
    dumped: { objects: [], words: [], symbols: [], structs: [] },
    seen: [{ kind: 'vmcore', file: kernel.file }],
  };
}

/** What each line of source has allocated, where the kernel keeps a profile: what /proc/allocinfo would have said. */
function reports({ kernel }: CoreSession): Snapshot['reports'] {
  const sites = readAllocTags(kernel).value?.filter((site) => site.bytes > 0 && site.calls > 0) ?? [];
  if (sites.length === 0) return [];
  const groups = sites.map(({ file, line, function: symbol, module, bytes: held, calls, address }) => ({
    stack: [{ symbol, source: `${file}:${line}`, ...(module === undefined ? {} : { module }) }] as const,
    count: calls,
    bytes: bytes(held),
    processes: [],
    samples: [],
    at: { kind: 'address', file: kernel.file, address: spell(address) } as const,
  }));
  return [{ detector: 'allocinfo', groups, entries: groups.length, cut: false }];
}

/** By meminfo's names, and free pages on per-CPU lists, which meminfo lacks. */
function counters({ kernel, users }: CoreSession, at: (symbol: string) => Provenance): ReadonlyMap<string, Amount> {
  const amounts = new Map<string, Amount>();
  const set = (name: string, amount: number): void => {
    if (isQuantity(amount)) amounts.set(name, { bytes: bytes(amount), at: at('vm_node_stat') });
  };
  for (const [name, amount] of readVmCounters(kernel).value.meminfo) set(name, amount);
  const parked = users.parked.reduce((sum, { order, frames }) => sum + frames.length * 2 ** order, 0);
  set('Pcp', parked * kernel.memory.pageSize);
  return amounts;
}

function caches(session: CoreSession): NonNullable<Snapshot['caches']> {
  const { kernel } = session;
  return {
    whole: true,
    caches: coreSlabs(session).caches.map((cache) => ({
      name: cache.name,
      objects: cache.allocated,
      slots: cache.total,
      objectSize: bytes(cache.stride),
      slabs: cache.slabs,
      bytes: bytes(cache.bytes),
      reclaimable: cache.reclaimable,
      copies: 1,
      aliases: cache.aliases,
      at: { kind: 'address', file: kernel.file, address: cache.address },
    })),
  };
}

function vmalloc({ kernel, users }: CoreSession, at: Provenance): NonNullable<Snapshot['vmalloc']> {
  const by = new Map<string, { areas: number; pages: number }>();
  for (const { caller, pages } of users.areas) {
    const name = (caller === undefined ? undefined : kernel.symbols.spell(caller)) ?? 'unknown';
    const known = by.get(name) ?? { areas: 0, pages: 0 };
    by.set(name, { areas: known.areas + 1, pages: known.pages + pages });
  }
  const size = (pages: number): Bytes => bytes(pages * kernel.memory.pageSize);
  const stacks = /^(?:alloc_thread_stack|dup_task_struct|copy_process|kernel_clone)/;
  const all = [...by].map(([name, { areas, pages }]): VmallocUser & { pages: number } => {
    const [, caller = name, module] = /^(\S+)(?: \[(.+)\])?$/.exec(name) ?? [];
    return { caller, ...(module === undefined ? {} : { module }), areas, pages, bytes: size(pages), at };
  });
  const ofStacks = all.filter(({ caller }) => stacks.test(caller));
  return {
    users: all
      .filter(({ caller }) => !stacks.test(caller))
      .map(({ caller, areas, bytes: size, at: where, module }) => ({
        caller,
        areas,
        bytes: size,
        at: where,
        ...(module === undefined ? {} : { module }),
      })),
    stackBytes: size(ofStacks.reduce((sum, { pages }) => sum + pages, 0)),
  };
}

/** Processes, not threads: those have the memory of theirs. */
function processes({ kernel, users }: CoreSession): readonly ProcessUse[] {
  return users.tasks.flatMap((task): readonly ProcessUse[] => {
    if (task.kernelThread || task.pid !== task.tgid) return [];
    return [
      {
        pid: task.pid,
        name: task.comm,
        ...(task.memory?.residentBytes === undefined ? {} : { rss: bytes(task.memory.residentBytes) }),
        at: { kind: 'address', file: kernel.file, address: spell(task.address) },
      },
    ];
  });
}
