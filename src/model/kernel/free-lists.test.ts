import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel, type MadeTypes } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { walkPerCpuLists } from './free-lists.ts';
import { MemoryMap } from './memory-map.ts';
import { openPages } from './open-heap.ts';
import { countKinds } from './page-census.ts';
import { kindByte } from './page-kinds.ts';
import { walkZones } from './zones.ts';

const ZONE = {
  _watermark: [0, 'long[4]'],
  pageset: [32, 'pointer'],
  zone_start_pfn: [40, 'long'],
  managed_pages: [48, 'long'],
  spanned_pages: [56, 'long'],
  present_pages: [64, 'long'],
  name: [72, 'pointer'],
  free_area: [80, 'free_area[3]'],
} as const;
const COMMON = {
  page: { flags: [0, 'long'], lru: [8, 'list'], rest: [24, 'long[5]'] },
  free_area: { free_list: [0, 'list[2]'], nr_free: [32, 'long'] },
} as const;
const BEFORE_5_14: MadeTypes = {
  ...COMMON,
  per_cpu_pages: { count: [0, 'u32'], lists: [8, 'list[3]'] },
  per_cpu_pageset: { expire: [0, 'long'], pcp: [8, 'per_cpu_pages'] },
  zone: ZONE,
  pglist_data: { node_zones: [0, 'zone[2]'], node_id: [512, 'u32'] },
};
const { pageset, ...zoneRest } = ZONE;
const SINCE_5_14: MadeTypes = {
  ...COMMON,
  per_cpu_pages: { count: [0, 'u32'], lists: [8, 'list[13]'] },
  zone: { ...zoneRest, per_cpu_pageset: pageset },
  pglist_data: { node_zones: [0, 'zone[2]'], node_id: [512, 'u32'] },
};

const [NODE, LISTS, MAP, NAME] = [MADE_BASE + 0x1000n, MADE_BASE + 0x2000n, MADE_BASE + 0x4000n, MADE_BASE + 0x3000n];
const linkOf = (frame: number): bigint => MAP + BigInt(frame * 64 + 8);

/** One node, one zone of 64 frames; every list empty. `within`: where the per-CPU lists begin. */
function made(
  types: MadeTypes,
  lists: number,
  within: number,
): { readonly made: MadeKernel; readonly head: (i: number) => bigint } {
  const kernel = new MadeKernel(8, types, { migratetype: { MIGRATE_UNMOVABLE: 0, MIGRATE_PCPTYPES: 3 } });
  kernel.symbols.set('contig_page_data', NODE);
  for (const [offset, value] of [
    [0, 5],
    [8, 6],
    [16, 7],
    [40, 16],
    [48, 60],
    [56, 64],
    [64, 62],
    [80 + 32, 3],
    [80 + 40 + 32, 2],
  ] as const)
    kernel.put(NODE + BigInt(offset), BigInt(value));
  kernel.put(NODE + 32n, LISTS);
  kernel.put(NODE + 72n, NAME);
  kernel.text(NAME, 'Normal');
  const head = (i: number): bigint => LISTS + BigInt(within + i * 16);
  for (let i = 0; i < lists; i++) kernel.link(head(i));
  return { made: kernel, head };
}

describe('zones', () => {
  it('are read with their free blocks; empty ones are left out', () => {
    const { value, problems } = walkZones(made(BEFORE_5_14, 3, 16).made.kernel);
    expect(problems).toEqual([]);
    expect(value).toHaveLength(1);
    expect(value[0]).toMatchObject({
      node: 0,
      name: 'Normal',
      startFrame: 16,
      managed: 60,
      spanned: 64,
      present: 62,
      watermarks: { min: 5, low: 6, high: 7 },
      freeBlocks: [3, 2, 0],
      free: 7,
    });
  });
});

describe('free pages that CPUs have parked', () => {
  it.each([
    ['before 5.14, single pages all', BEFORE_5_14, 3, 16, 1, 0],
    ['since 5.14, single pages', SINCE_5_14, 13, 8, 2, 0],
    ['since 5.14, blocks of eight', SINCE_5_14, 13, 8, 10, 3],
    ['since 5.14, huge pages', SINCE_5_14, 13, 8, 12, 9],
  ] as const)('are found: %s', (_, types, lists, within, list, order) => {
    const { made: kernel, head } = made(types, lists, within);
    kernel.link(head(list), linkOf(17), linkOf(40));
    const map = new MemoryMap(kernel.kernel.memory, [{ firstFrame: 0, frames: 128, pages: MAP }], 64);
    const { value, problems } = walkPerCpuLists(kernel.kernel, map, walkZones(kernel.kernel).value);
    expect(problems).toEqual([]);
    expect(value.map(({ cpu, order: found, frames }) => ({ cpu, order: found, frames }))).toEqual([
      { cpu: 0, order, frames: [17, 40] },
    ]);
  });

  it('on a list that leads astray are kept as far as they go', () => {
    const { made: kernel, head } = made(SINCE_5_14, 13, 8);
    kernel.link(head(0), linkOf(17), NAME + 16n);
    const map = new MemoryMap(kernel.kernel.memory, [{ firstFrame: 0, frames: 128, pages: MAP }], 64);
    const { value, problems } = walkPerCpuLists(kernel.kernel, map, walkZones(kernel.kernel).value);
    expect(value[0]?.frames).toEqual([17]);
    expect(problems.join()).toContain('which is in no struct page');
  });
});

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`free lists of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are what the memory map says', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const pages = openPages(kernel);
    const zones = walkZones(kernel);
    const parked = pages && walkPerCpuLists(kernel, pages.map, zones.value);
    dump.close();
    expect([...zones.problems, ...(parked?.problems ?? [])]).toEqual([]);
    const free = zones.value.reduce((sum, zone) => sum + zone.free, 0);
    expect(free).toBe(pages && countKinds(pages.census.kinds).get('free'));
    const frames = parked?.value.flatMap((list) => list.frames) ?? [];
    expect(frames.length).toBeGreaterThan(0);
    expect(new Set(frames.map((frame) => pages?.census.kinds[frame]))).toEqual(new Set([kindByte('uncounted')]));
    const names = [...(proc('buddyinfo') ?? '').matchAll(/zone +(\w+)/g)].map(([, name]) => name);
    expect(names.length === 0 ? [] : zones.value.map(({ name }) => name)).toEqual(names);
  });
});
