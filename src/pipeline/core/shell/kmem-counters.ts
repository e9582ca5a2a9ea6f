import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { perCpu, possibleCpus } from '../../../model/kernel/cpus.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { readVmItems } from '../../../model/kernel/vm-items.ts';
import type { CoreSession } from '../session.ts';

type Counters = readonly (readonly [name: string, count: number])[];

/** Heads of crash's `kmem -V`, and the enum whose items stand below. */
const GROUPS: readonly (readonly [head: string, items: string])[] = [
  ['VM_ZONE_STAT', 'zone_stat_item'],
  ['VM_NODE_STAT', 'node_stat_item'],
];

/** `kmem -V`: counters by zone and by node over the whole machine, then events. */
export function* showCounters({ kernel }: CoreSession): Generator<ShellBlock> {
  const { value, problems } = readVmItems(kernel);
  const rest = new Map([...value].filter(([name]) => !name.endsWith('_BASE')));
  const groups: (readonly [string, Counters])[] = [];
  for (const [head, items] of GROUPS) {
    const names = kernel.layouts.enumValues(items).map(({ name }) => name);
    const counters = names.flatMap((name) => (rest.has(name) ? [[name, rest.get(name) ?? 0] as const] : []));
    for (const [name] of counters) rest.delete(name);
    groups.push([head, counters]);
  }
  groups.push(['VM_NUMA_STAT', [...rest]], ['VM_EVENT_STATES', readEvents(kernel)]);
  for (const [head, counters] of groups) {
    if (counters.length === 0) continue;
    yield { kind: 'text', lines: [`  ${head}:`] };
    yield { kind: 'counters', counters };
    yield { kind: 'blank' };
  }
  yield { kind: 'problems', problems };
}

/** The per-CPU struct vm_event_state, added up (CONFIG_VM_EVENT_COUNTERS). */
function readEvents(kernel: Kernel): Counters {
  const { symbols, memory, layouts } = kernel;
  const at = symbols.find('vm_event_states');
  const events = layouts.enumValues('vm_event_item').filter(({ name }) => name !== 'NR_VM_EVENT_ITEMS');
  if (at === undefined || events.length === 0) return [];
  const copies = possibleCpus(kernel).map((cpu) => memory.tryRead(perCpu(at, cpu), events.length * 8));
  const views = copies.map((bytes) => bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  // A CPU whose copy is not there would make every sum too small.
  if (views.includes(undefined)) return [];
  return events.map(({ name, value }) => {
    const counts = views.map((view) => view?.getBigUint64(Number(value) * 8, true) ?? 0n);
    return [
      name,
      Number(
        BigInt.asUintN(
          64,
          counts.reduce((sum, count) => sum + count, 0n),
        ),
      ),
    ] as const;
  });
}
