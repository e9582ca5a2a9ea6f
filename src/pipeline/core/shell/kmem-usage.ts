import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellMemoryUsage } from '../../../findings/core/shell-machine.ts';
import { viewStruct } from '../../../model/layouts/struct-view.ts';
import { ifThere } from '../../../model/memory/memory-fault.ts';
import { perCpu, possibleCpus } from '../../../model/kernel/cpus.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { longVariable, u32Variable } from '../../../model/kernel/variables.ts';
import { readVmCounters } from '../../../model/kernel/vm-counters.ts';
import { spellBytes } from '../../../base/spelling.ts';
import { spell } from '../addresses.ts';
import type { CoreSession } from '../session.ts';

/** `kmem -i`: by the kernel's own counters, and with one look at every struct page. */
export function memoryUsage(session: CoreSession): ShellMemoryUsage {
  const { kernel } = session;
  const { meminfo } = readVmCounters(kernel).value;
  const { pageSize } = kernel.memory;
  const pools = hugePools(kernel);
  const of = (name: string): number | undefined => meminfo.get(name);
  const commit = commitOf(kernel, of('MemTotal'), of('Hugetlb') ?? 0, of('SwapTotal') ?? 0);
  const given: Readonly<Record<string, number | undefined>> = {
    total: of('MemTotal'),
    free: of('MemFree'),
    shared: sharedPages(session) * pageSize,
    buffers: of('Buffers'),
    cached: of('Cached'),
    slab: of('Slab'),
    hugeTotal: pools && pools.reduce((sum, { bytes, total }) => sum + bytes * total, 0),
    hugeFree: pools && pools.reduce((sum, { bytes, free }) => sum + bytes * free, 0),
    swapTotal: of('SwapTotal'),
    swapFree: of('SwapFree'),
    ...commit,
  };
  const known = Object.entries(given).filter((pair): pair is [string, number] => pair[1] !== undefined);
  return { pageSize, ...Object.fromEntries(known) };
}

/** Pages with more than one reference, those kept since boot left out. */
function sharedPages({ pages }: CoreSession): number {
  const { map, layout } = pages;
  let shared = 0;
  for (const { frames, bytes } of map.chunks()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < frames; i++) {
      const at = i * layout.size;
      if (view.getInt32(at + layout.refcount, true) < 2) continue;
      if ((view.getUint32(at + layout.flags, true) & layout.bits.reserved) === 0) shared++;
    }
  }
  return shared;
}

/** As vm_commit_limit reckons (mm/util.c): a share of memory that is no huge page, or an amount, and swap. */
function commitOf(
  kernel: Kernel,
  total: number | undefined,
  huge: number,
  swap: number,
): Pick<ShellMemoryUsage, 'commitLimit' | 'committed'> {
  const [ratio, kilobytes] = [
    u32Variable(kernel, 'sysctl_overcommit_ratio'),
    longVariable(kernel, 'sysctl_overcommit_kbytes'),
  ];
  const { pageSize } = kernel.memory;
  const share =
    kilobytes !== undefined && kilobytes > 0
      ? kilobytes * 1024
      : total === undefined || ratio === undefined
        ? undefined
        : Math.floor((((total - huge) / pageSize) * ratio) / 100) * pageSize;
  const committed = percpuCounter(kernel, 'vm_committed_as');
  return {
    ...(share === undefined ? {} : { commitLimit: share + swap }),
    ...(committed === undefined ? {} : { committed: Math.max(0, committed) * pageSize }),
  };
}

/** The sum of a struct percpu_counter: what is counted together, and what each CPU still has of its own. */
function percpuCounter(kernel: Kernel, name: string): number | undefined {
  const at = kernel.symbols.find(name);
  const layout = kernel.layouts.struct('percpu_counter');
  if (at === undefined || !layout?.has('count')) return undefined;
  return ifThere(() => {
    const view = viewStruct(kernel.memory, kernel.layouts, layout, at);
    const own = view.has('counters') ? view.pointer('counters') : 0n;
    const parts = own === 0n ? [] : possibleCpus(kernel).map((cpu) => kernel.memory.i32(perCpu(own, cpu)));
    return parts.reduce((sum, part) => sum + part, view.number('count'));
  });
}

interface HugePool {
  readonly address: bigint;
  readonly name: string;
  /** Of one page. */
  readonly bytes: number;
  readonly total: number;
  readonly free: number;
}

/** HUGE_MAX_HSTATE is 4 at most. */
const MOST_POOLS = 16;

function hugePools(kernel: Kernel): readonly HugePool[] | undefined {
  const [start, count] = [kernel.symbols.find('hstates'), u32Variable(kernel, 'hugetlb_max_hstate')];
  const layout = kernel.layouts.struct('hstate');
  if (start === undefined || count === undefined || count > MOST_POOLS || !layout) return undefined;
  return ifThere(() =>
    Array.from({ length: count }, (_, i) => {
      const address = start + BigInt(i * layout.size);
      const view = viewStruct(kernel.memory, kernel.layouts, layout, address);
      const bytes = kernel.memory.pageSize * 2 ** view.number('order');
      return {
        address,
        name: view.text('name'),
        bytes,
        total: view.number('nr_huge_pages'),
        free: view.number('free_huge_pages'),
      };
    }),
  );
}

/** `kmem -h`. */
export function* hugePages({ kernel }: CoreSession): Generator<ShellBlock> {
  const pools = hugePools(kernel) ?? [];
  if (pools.length === 0) return yield { kind: 'text', lines: ['no pools of huge pages'] };
  yield { kind: 'text', lines: ['     HSTATE        SIZE    FREE   TOTAL  NAME'] };
  const lines = pools.map(({ address, name, bytes, total, free }) => {
    const size = spellBytes(bytes).replace(/\.0 /, '').replace(' ', '').replace('iB', 'B');
    return `${spell(address)}  ${size.padStart(5)}  ${String(free).padStart(6)}  ${String(total).padStart(6)}  ${name}`;
  });
  yield { kind: 'text', lines };
}
