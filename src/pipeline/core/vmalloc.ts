import type { CoreVmalloc, CoreVmallocArea, VmallocCaller } from '../../findings/core/core-vmalloc.ts';
import { walkVmalloc, type VmallocArea } from '../../model/kernel/vmalloc.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

const SAMPLES = 3;

/** Areas of vmalloc space, grouped by who asked for them. */
export function coreVmalloc({ kernel }: CoreSession): CoreVmalloc {
  const { value, problems } = walkVmalloc(kernel);
  const { pageSize } = kernel.memory;
  const callerOf = ({ caller }: VmallocArea): string | undefined =>
    caller === undefined ? undefined : (kernel.symbols.spell(caller) ?? spell(caller));
  const groups = new Map<string, VmallocArea[]>();
  for (const area of value) {
    const key = `${callerOf(area) ?? ''} ${area.use}`;
    const group = groups.get(key);
    if (group) group.push(area);
    else groups.set(key, [area]);
  }
  const callers = [...groups.values()].flatMap((areas): VmallocCaller[] => {
    const [first] = areas;
    if (!first) return [];
    const caller = callerOf(first);
    const module = first.caller === undefined ? undefined : kernel.symbols.at(first.caller)?.module;
    const pages = areas.reduce((sum, area) => sum + area.pages, 0);
    return [
      {
        ...(caller === undefined ? {} : { caller }),
        ...(module === undefined ? {} : { module }),
        use: first.use,
        areas: areas.length,
        pages,
        bytes: pages * pageSize,
        addressBytes: areas.reduce((sum, { size }) => sum + size, 0),
        samples: areas.slice(0, SAMPLES).map(({ start }) => spell(start)),
      },
    ];
  });
  return {
    bytes: value.reduce((sum, { pages }) => sum + pages, 0) * pageSize,
    callers: callers.toSorted((a, b) => b.bytes - a.bytes || b.addressBytes - a.addressBytes),
    areas: value.map((area): CoreVmallocArea => {
      const caller = callerOf(area);
      return {
        address: spell(area.start),
        addressBytes: area.size,
        use: area.use,
        pages: area.pages,
        ...(area.physical === undefined ? {} : { physical: spell(BigInt(area.physical)) }),
        ...(caller === undefined ? {} : { caller }),
      };
    }),
    problems,
  };
}
