import type { CoreInfo, CoreModule } from '../../findings/core/core-info.ts';
import { allocatorOf } from '../../model/kernel/slab-caches.ts';
import { possibleCpus } from '../../model/kernel/cpus.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { moduleTypes } from '../../model/kernel/module-types.ts';
import { kernelModules } from '../../model/kernel/modules.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** What a dump is, and what kleak could make of it. */
export function coreInfo({ kernel, dump }: CoreSession): CoreInfo {
  const { present, zero, excluded, lost } = dump.physical.counts();
  const allocator = allocatorOf(kernel);
  const uptime = uptimeSeconds(kernel);
  const [graph] = kernel.layouts.graphs;
  const modules = kernelModules(kernel);
  const typed = new Set(moduleTypes(kernel).value.map(({ module }) => module));
  return {
    release: kernel.release,
    machine: kernel.machine,
    ...(allocator ? { allocator } : {}),
    container: dump.container,
    files: dump.names,
    pageSize: kernel.memory.pageSize,
    ramBytes: (present + zero + excluded + lost) * dump.physical.pageSize,
    pages: { present, excluded, zero, unreadable: lost },
    symbols: { source: kernel.symbols.source, count: kernel.symbols.count },
    types: { source: graph?.source ?? 'none', count: graph?.count ?? 0 },
    modules: modules.value.map((module): CoreModule => ({
      name: module.name,
      base: spell(module.base),
      sizeBytes: module.sizeBytes,
      hasTypes: typed.has(module.name),
    })),
    cpus: possibleCpus(kernel).filter((cpu) => cpu.online).length,
    ...(uptime === undefined ? {} : { uptimeSeconds: uptime }),
    problems: [...kernel.problems.map(({ problem }) => problem), ...(graph ? modules.problems : [])],
  };
}

/**
 * The monotonic clock as it was last updated. `tk_core` holds a sequence count and the timekeeper behind it, aligned to
 * eight bytes (kernel/time/timekeeping.c); its type has no name to look it up by.
 */
export function uptimeSeconds({ symbols, memory, layouts }: Kernel): number | undefined {
  const core = symbols.find('tk_core');
  const [seconds, offset] = [
    layouts.member('timekeeper', 'xtime_sec'),
    layouts.member('timekeeper', 'wall_to_monotonic.tv_sec'),
  ];
  if (core === undefined || !seconds || !offset) return undefined;
  const read = (at: number): number | undefined =>
    ifThere(() => Number(BigInt.asIntN(64, memory.u64(core + 8n + BigInt(at)))));
  const [now, back] = [read(seconds.offset), read(offset.offset)];
  const uptime = now === undefined || back === undefined ? Number.NaN : now + back;
  return uptime >= 0 && uptime < 1e10 ? uptime : undefined;
}
