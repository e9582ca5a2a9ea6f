import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { Bits } from '../../base/bits.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { SlabColumns } from '../heap/slab-table.ts';
import { ownersOfAreas, stackBytes } from './area-owners.ts';
import { openPages } from './open-heap.ts';
import { countKinds, type PageCensus } from './page-census.ts';
import { kindByte, PAGE_KINDS } from './page-kinds.ts';
import { walkPageUsers, type PageUsers } from './page-users.ts';
import { refineCensus } from './refine-census.ts';
import type { Task } from './tasks.ts';
import { readVmCounters } from './vm-counters.ts';
import type { VmallocArea } from './vmalloc.ts';
import type { Zone } from './zones.ts';

const nobody: PageUsers = { tasks: [], areas: [], areasAreWhole: true, zones: [], parked: [], problems: [] };
const SPACE = 0xffffc90000000000n;

const task = (stack: bigint, pageDirectory = 0n): Task => ({
  address: 0n,
  pid: 1,
  tgid: 1,
  comm: 'made',
  state: 'S',
  active: false,
  kernelThread: false,
  stack,
  mm: 0n,
  activeMm: 0n,
  memory: { pageDirectory },
});
const area = (start: bigint, pages: number, caller: bigint): VmallocArea => ({
  start,
  size: (pages + 1) * 4096,
  use: 'vmalloc',
  pages,
  owns: true,
  caller,
});
const zone: Zone = {
  address: 0n,
  node: 0,
  name: 'Normal',
  startFrame: 0,
  spanned: 16,
  present: 16,
  managed: 16,
  watermarks: { min: 0, low: 0, high: 0 },
  freeBlocks: [],
  free: 0,
  perCpuPages: 0n,
};

/** 16 frames: single, but for 0 (reserved) and 1 (slab). Page tables: root 2, of a process 3 and 4. */
function census(): PageCensus {
  const kinds = new Uint8Array(16).fill(kindByte('single'));
  kinds[0] = kindByte('reserved');
  kinds[1] = kindByte('slab');
  kinds[5] = kindByte('uncounted');
  return { kinds, tails: new Bits(16), columns: new SlabColumns(), strangeSlabs: 0 };
}

const named = (kinds: Uint8Array): readonly string[] => [...kinds].map((kind) => PAGE_KINDS[kind] ?? '');

describe('the census of pages, refined', () => {
  it('knows tables of address spaces that no task has', () => {
    const made = new MadeKernel(16, {});
    made.put(MADE_BASE + 4n * 4096n, 0x6001n);
    const without = census();
    refineCensus(made.kernel, without, nobody);
    const pages = census();
    refineCensus(made.kernel, pages, nobody, [MADE_BASE + 4n * 4096n]);
    expect([4, 5, 6].map((frame) => named(without.kinds)[frame])).toEqual(['single', 'uncounted', 'single']);
    expect([4, 5, 6].map((frame) => named(pages.kinds)[frame])).toEqual(['page-table', 'page-table', 'page-table']);
  });

  it('knows parked pages, tables of processes, stacks in the direct map; slabs stay slabs', () => {
    const made = new MadeKernel(16, {});
    made.symbols.set('__start_init_task', 0xffffffff82000000n);
    made.symbols.set('__end_init_task', 0xffffffff82002000n);
    // A process: root in frame 4 (5 is its second page), then table 6, which leads to a slab page and to 7.
    made.put(MADE_BASE + 4n * 4096n, 0x6001n);
    made.put(MADE_BASE + 6n * 4096n, 0x1001n);
    made.put(MADE_BASE + 6n * 4096n + 8n, 0x7001n);
    const users: PageUsers = {
      ...nobody,
      tasks: [task(MADE_BASE + 10n * 4096n, MADE_BASE + 4n * 4096n)],
      parked: [{ zone, cpu: 0, order: 1, frames: [8] }],
    };
    const pages = census();
    expect(refineCensus(made.kernel, pages, users)).toEqual([]);
    expect(named(pages.kinds).slice(0, 13)).toEqual([
      'reserved',
      'slab',
      'single',
      'single',
      'page-table',
      'page-table',
      'page-table',
      'page-table',
      'per-cpu-list',
      'per-cpu-list',
      'kernel-stack',
      'kernel-stack',
      'single',
    ]);
  });

  it('takes areas of the size and the caller of a stack for stacks, and chunks for per-CPU memory', () => {
    const made = new MadeKernel(1, {});
    made.symbols.set('pcpu_get_vm_areas', 77n);
    const areas = [
      area(SPACE, 4, 5n),
      area(SPACE + 0x8000n, 4, 5n),
      area(SPACE + 0x10000n, 9, 5n),
      area(SPACE + 0x20000n, 0, 77n),
      { ...area(SPACE + 0x30000n, 4, 6n), owns: false },
      area(0xffffffffc0000000n, 2, 8n),
    ];
    const modules = [{ from: 0xffffffffa0000000n, to: 0xffffffffff000000n }];
    const owners = ownersOfAreas(made.kernel, { ...nobody, areas, tasks: [task(SPACE)] }, modules);
    expect(owners.map(({ kind }) => kind)).toEqual([
      'kernel-stack',
      'kernel-stack',
      'vmalloc',
      'percpu',
      undefined,
      'module',
    ]);
  });

  it('takes the size of a stack from the image, where that is one', () => {
    const made = new MadeKernel(1, {});
    expect(stackBytes(made.kernel)).toBeUndefined();
    made.symbols.set('__start_init_stack', 0xffffffff82000000n);
    made.symbols.set('__end_init_stack', 0xffffffff82004000n);
    expect(stackBytes(made.kernel)).toBe(16_384);
  });
});

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`the census of real dumps, refined (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name adds up, and to what the kernel counts', ({ path }) => {
    const { dump, kernel } = openKernel([path]);
    const pages = openPages(kernel);
    if (!pages) throw new Error('no memory map');
    const users = walkPageUsers(kernel, pages.map);
    const before = countKinds(pages.census.kinds);
    refineCensus(kernel, pages.census, users);
    const { meminfo } = readVmCounters(kernel).value;
    dump.close();
    const after = countKinds(pages.census.kinds);
    const of = (kind: (typeof PAGE_KINDS)[number]): number => after.get(kind) ?? 0;
    const counted = (name: string): number => (meminfo.get(name) ?? 0) / kernel.memory.pageSize;
    const outside = ['absent', 'not-described', 'reserved', 'offline'] as const;
    expect([...after.values()].reduce((a, b) => a + b, 0)).toBe(pages.census.kinds.length);
    expect(pages.census.kinds.length - outside.reduce((sum, kind) => sum + of(kind), 0)).toBe(counted('MemTotal'));
    const users_ = ['free', 'slab', 'anonymous', 'page-cache', 'shmem', 'reserved', 'large-kmalloc'] as const;
    expect(users_.map((kind) => of(kind))).toEqual(users_.map((kind) => before.get(kind) ?? 0));
    expect(of('free')).toBe(counted('MemFree'));
    // Every page that vmalloc counts is found where the tables map it.
    expect(of('vmalloc') + of('module') + of('kernel-stack')).toBe(counted('VmallocUsed'));
    expect(of('percpu') * kernel.memory.pageSize).toBe(users.percpu?.laterBytes);
    expect(of('page-table')).toBeGreaterThanOrEqual(counted('PageTables'));
    expect(of('page-table')).toBeLessThan(counted('MemTotal') / 50);
  });
});
