import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { readVmCounters } from './vm-counters.ts';

describe('the counters of the kernel', () => {
  it('are those of the global arrays and what CPUs have not added to them yet', () => {
    const made = new MadeKernel(
      4,
      {
        zone: { spanned_pages: [0, 'long'] },
        per_cpu_nodestat: { stat_threshold: [0, 'char'], vm_node_stat_diff: [1, 'char[2]'] },
        pglist_data: { per_cpu_nodestats: [0, 'pointer'], node_zones: [8, 'zone[1]'], node_id: [16, 'u32'] },
      },
      {
        zone_stat_item: { NR_FREE_PAGES: 0, NR_VM_ZONE_STAT_ITEMS: 1 },
        node_stat_item: { NR_ANON_MAPPED: 0, NR_SLAB_UNRECLAIMABLE_B: 1, NR_VM_NODE_STAT_ITEMS: 2 },
      },
    );
    const [zones, nodes, node, differences] = [0x100n, 0x200n, 0x300n, 0x400n].map((offset) => MADE_BASE + offset);
    made.symbols.set('vm_zone_stat', zones ?? 0n);
    made.symbols.set('vm_node_stat', nodes ?? 0n);
    made.symbols.set('contig_page_data', node ?? 0n);
    made.put(zones ?? 0n, 100n);
    made.put(nodes ?? 0n, 7n);
    made.put((nodes ?? 0n) + 8n, -3n);
    made.put(node ?? 0n, differences ?? 0n);
    made.put32(differences ?? 0n, 0x00_fe_02_7d);
    const { value } = readVmCounters(made.kernel);
    // 0xfe is a difference of -2.
    expect(Object.fromEntries(value.items)).toMatchObject({
      NR_FREE_PAGES: 100,
      NR_ANON_MAPPED: 9,
      NR_SLAB_UNRECLAIMABLE_B: -5,
    });
    // Below zero is a moment between two CPUs, which meminfo shows as 0.
    expect(Object.fromEntries(value.meminfo)).toMatchObject({ MemFree: 409_600, AnonPages: 36_864, SUnreclaim: 0 });
    expect(value.meminfo.has('SReclaimable')).toBe(false);
    expect(value.meminfo.has('Slab')).toBe(false);
  });

  it('are none without types, and that is said', () => {
    const { value, problems } = readVmCounters(new MadeKernel(1, {}).kernel);
    expect(value.items.size).toBe(0);
    expect(problems.join()).toContain('no counters');
  });
});

/** What moves between the reading of /proc and the dump, in KiB: the program that read it ended, and what it held is free. */
const MOVES = 700;
/** Pages also come and go between MemFree and the lists of CPUs. */
const FREE_MOVES = 6000;
const STEADY = ['MemTotal', 'Shmem', 'Buffers', 'Percpu', 'Hugetlb', 'SecPageTables'];
const NEAR = ['Cached', 'AnonPages', 'Mapped', 'SReclaimable', 'SUnreclaim', 'Slab', 'KernelStack', 'PageTables'];

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`counters of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are those of /proc/meminfo', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = readVmCounters(kernel);
    dump.close();
    expect(problems).toEqual([]);
    const then = new Map(
      [...(proc('meminfo') ?? '').matchAll(/^(\S+): +(\d+) kB/gm)].map(([, name, kib]) => [name, Number(kib)]),
    );
    const differing = [...STEADY, ...NEAR, 'MemFree', 'VmallocUsed', 'Active(anon)', 'Inactive(anon)'].filter(
      (name) => {
        const [was, is] = [then.get(name), value.meminfo.get(name)];
        if (was === undefined) return false;
        return (
          is === undefined ||
          Math.abs(is / 1024 - was) > (STEADY.includes(name) ? 0 : name === 'MemFree' ? FREE_MOVES : MOVES)
        );
      },
    );
    expect(differing).toEqual([]);
    expect(value.meminfo.get('MemTotal')).toBeGreaterThan(0);
  });
});
