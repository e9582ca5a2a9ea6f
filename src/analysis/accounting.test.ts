import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countersOf,
  GIB,
  makeCache,
  makeHost,
  makeSnapshot,
  makeVmallocUser,
  MIB,
  type Kib,
} from '../../testkit/facts.ts';
import { bytes } from '../base/units.ts';
import type { AccountedMemory, BucketName } from '../model/facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { measureAccounting } from './accounting.ts';

function accountOf(snapshot: Snapshot): AccountedMemory {
  const accounted = measureAccounting(snapshot);
  if (accounted.state === 'missing') throw new Error(accounted.because);
  return accounted.value;
}
const ofKib = (kib: Kib, more: Partial<Snapshot> = {}): AccountedMemory =>
  accountOf(makeSnapshot({ counters: countersOf(kib), ...more }));
const held = ({ buckets }: AccountedMemory, name: BucketName): number =>
  buckets.find((b) => b.name === name)?.bytes ?? 0;
const sum = ({ buckets }: AccountedMemory): number => buckets.reduce((n, b) => n + b.bytes, 0);

/** A meminfo that adds up: 1000 MiB, all of it named. */
const BASE: Kib = {
  MemTotal: 1_024_000,
  MemFree: 300_000,
  Buffers: 20_000,
  Cached: 300_000,
  SwapCached: 0,
  AnonPages: 200_000,
  Shmem: 50_000,
  Slab: 100_000,
  SReclaimable: 60_000,
  SUnreclaim: 40_000,
  KReclaimable: 60_000,
  KernelStack: 4_000,
  PageTables: 10_000,
  VmallocUsed: 24_000,
  Percpu: 6_000,
  Hugetlb: 0,
  Pcp: 14_000,
};

describe('the equation', () => {
  test('buckets are disjoint: shared memory is no page cache, stacks are no vmalloc', () => {
    const accounted = ofKib(BASE);
    expect(held(accounted, 'shmem')).toBe(50_000 * 1024);
    expect(held(accounted, 'page-cache')).toBe(270_000 * 1024);
    expect(held(accounted, 'kernel-stack')).toBe(4_000 * 1024);
    expect(held(accounted, 'vmalloc')).toBe(20_000 * 1024);
    expect(accounted.unexplained).toBe(50_000 * 1024);
    expect(accounted.complete).toBe(true);
  });

  test('free pages on per-CPU lists count as free, and where they were not seen the interval says so', () => {
    const { Pcp: _, ...without } = BASE;
    const [seen, unseen] = [ofKib(BASE), ofKib(without)];
    expect((unseen.unexplained ?? 0) - (seen.unexplained ?? 0)).toBe(14_000 * 1024);
    expect(unseen.notes).toContain('per-cpu-lists-not-seen');
    expect(unseen.low).toBeLessThan(unseen.unexplained ?? 0);
    expect(seen.notes).not.toContain('per-cpu-lists-not-seen');
  });

  test('huge pages of every size are a bucket', () => {
    const accounted = ofKib({ ...BASE, MemFree: 100_000, Hugetlb: 200_000 });
    expect(held(accounted, 'hugetlb')).toBe(200_000 * 1024);
    expect(accounted.unexplained).toBe(50_000 * 1024);
  });

  test('memory that gives way and is no slab is counted once, from KReclaimable', () => {
    const accounted = ofKib({ ...BASE, KReclaimable: 75_000, MiscReclaimable: 15_000 });
    expect(held(accounted, 'other-kernel')).toBe(15_000 * 1024);
  });

  test('zswap’s pool counts as compressed, zspages of zram with it, never what was swapped', () => {
    const accounted = ofKib({ ...BASE, Zswap: 10_000, Zspages: 12_000, Zswapped: 40_000 });
    expect(held(accounted, 'other-kernel')).toBe(12_000 * 1024);
  });

  test('secondary page tables, of KVM and the IOMMU, are page tables', () => {
    expect(held(ofKib({ ...BASE, SecPageTables: 5_000 }), 'page-tables')).toBe(15_000 * 1024);
  });

  test('a unit of measure is not memory: VmallocTotal, CommitLimit, DirectMap, CmaTotal and Mapped change nothing', () => {
    const odd = {
      VmallocTotal: 3.4e10,
      CommitLimit: 9e6,
      Committed_AS: 9e6,
      DirectMap2M: 9e6,
      CmaTotal: 3e5,
      Mapped: 9e4,
    };
    expect(ofKib({ ...BASE, ...odd }).unexplained).toBe(ofKib(BASE).unexplained);
  });
});

describe('swap', () => {
  const swapping = { ...BASE, SwapTotal: 2_000_000, SwapFree: 900_000, SwapCached: 60_000 };

  test('a page in the swap cache that is mapped counts once', () => {
    // Lists and types agree: all of the swap cache is mapped, and so in AnonPages.
    const accounted = ofKib({ ...swapping, Active: 300_000, Inactive: 220_000, Unevictable: 0 });
    expect(held(accounted, 'swap-cache')).toBe(0);
    expect(accounted.unexplained).toBe(50_000 * 1024);
  });

  test('what the lists hold beyond the types is swap cache, no more than there is', () => {
    const some = ofKib({ ...swapping, Active: 300_000, Inactive: 250_000, Unevictable: 0 });
    expect(held(some, 'swap-cache')).toBe(30_000 * 1024);
    const much = ofKib({ ...swapping, Active: 300_000, Inactive: 400_000, Unevictable: 0 });
    expect(held(much, 'swap-cache')).toBe(60_000 * 1024);
  });

  test('without AnonPages, as in a kernel log, processes are what the lists hold beyond the page cache', () => {
    const { AnonPages: _, ...without } = BASE;
    const accounted = ofKib({ ...without, Active: 300_000, Inactive: 220_000, Unevictable: 0 });
    expect(held(accounted, 'processes')).toBe(200_000 * 1024);
  });
});

describe('stacks and vmalloc', () => {
  test('vmallocinfo tells whether stacks lie in vmalloc space', () => {
    const users = [makeVmallocUser('alloc_large', 20 * MIB)];
    const outside = ofKib(BASE, { vmalloc: { users, stackBytes: bytes(0) } });
    expect(held(outside, 'vmalloc')).toBe(24_000 * 1024);
    const inside = ofKib(BASE, { vmalloc: { users, stackBytes: bytes(4 * MIB) } });
    expect(held(inside, 'vmalloc')).toBe(20_000 * 1024);
  });

  test('VmallocUsed of old kernels is address space and no bucket; vmallocinfo counts instead', () => {
    const { KReclaimable: _, Percpu: __, ...old } = BASE;
    expect(held(ofKib({ ...old, VmallocUsed: 600_000 }), 'vmalloc')).toBe(0);
    expect(ofKib({ ...old, VmallocUsed: 600_000 }).notes).toContain('vmalloc-not-counted');
    const listed = ofKib(
      { ...old, VmallocUsed: 600_000 },
      {
        vmalloc: { users: [makeVmallocUser('alloc_large', 30 * MIB)], stackBytes: bytes(0) },
      },
    );
    expect(held(listed, 'vmalloc')).toBe(30 * MIB);
    expect(listed.notes).not.toContain('vmalloc-not-counted');
  });
});

describe('views that are not whole', () => {
  test('a container’s view leaves kernel memory out, and takes processes from the container’s lists', () => {
    const accounted = ofKib({
      ...BASE,
      Slab: 0,
      SReclaimable: 0,
      SUnreclaim: 0,
      KReclaimable: 3_000_000,
      AnonPages: 12_000_000,
      'Active(anon)': 150_000,
      'Inactive(anon)': 100_000,
    });
    expect(accounted.notes).toContain('container-view');
    expect(accounted.unexplained).toBeUndefined();
    expect(held(accounted, 'processes')).toBe(200_000 * 1024);
    expect(held(accounted, 'percpu')).toBe(0);
    expect(accounted.notes).not.toContain('over-counted');
  });

  test('without slab, page cache or process memory nothing is said to be unexplained', () => {
    for (const gone of [['Slab', 'SUnreclaim', 'SReclaimable'], ['Cached'], ['AnonPages']]) {
      const part = Object.fromEntries(Object.entries(BASE).filter(([name]) => !gone.includes(name)));
      expect(ofKib(part).unexplained).toBeUndefined();
      expect(ofKib(part).complete).toBe(false);
    }
  });

  test('without MemTotal or MemFree there is no equation, and the reason is told', () => {
    const { MemFree: _, ...unfree } = BASE;
    expect(measureAccounting(makeSnapshot({ counters: countersOf(unfree) }))).toMatchObject({ state: 'missing' });
    expect(measureAccounting(makeSnapshot())).toMatchObject({ state: 'missing' });
  });

  test('amounts of a kernel log close as well: page cache from the file lists, a table of caches instead of Slab', () => {
    const accounted = ofKib(
      {
        MemTotal: 1_000_000,
        MemFree: 100_000,
        'Active(anon)': 200_000,
        'Inactive(anon)': 100_000,
        'Active(file)': 50_000,
        'Inactive(file)': 50_000,
        Unevictable: 0,
        Shmem: 20_000,
      },
      { caches: { caches: [makeCache('kmalloc-64', 1_000_000, 64)], whole: true } },
    );
    expect(held(accounted, 'page-cache')).toBe(100_000 * 1024);
    expect(held(accounted, 'processes')).toBe(280_000 * 1024);
    expect(held(accounted, 'slab-unreclaimable')).toBe(64_000_000);
  });
});

/** Every field that the equation looks at. */
const FIELDS = [
  ...Object.keys(BASE),
  'SwapTotal',
  'Active',
  'Inactive',
  'Unevictable',
  'Active(anon)',
  'Inactive(anon)',
  'Active(file)',
  'Inactive(file)',
  'Isolated(anon)',
  'SecPageTables',
  'Zswap',
  'Zspages',
  'ShadowCallStack',
  'HardwareCorrupted',
  'GPUActive',
  'FilePages',
  'BuffCache',
  'MiscReclaimable',
];

test('whatever meminfo says, nothing is negative, and parts and rest make the whole unless they overlap', () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 4_000_000 }), fc.integer({ min: 0, max: 2 ** 43 - 1 }));
  const meminfo = fc.dictionary(fc.constantFrom(...FIELDS), size, { maxKeys: FIELDS.length });
  fc.assert(
    fc.property(meminfo, (kib) => {
      const measured = measureAccounting(makeSnapshot({ counters: countersOf(kib) }));
      if (measured.state === 'missing') return;
      const accounted = measured.value;
      for (const b of accounted.buckets) expect(b.bytes).toBeGreaterThan(0);
      const { unexplained, low, high, total, notes } = accounted;
      if (unexplained === undefined) return;
      expect(unexplained).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(unexplained);
      expect(high).toBeGreaterThanOrEqual(unexplained);
      const whole = notes.includes('over-counted') ? sum(accounted) : total.bytes;
      expect(sum(accounted) + unexplained).toBe(whole);
    }),
    { numRuns: 2000 },
  );
});

test('a made-up host leaves unexplained exactly what was lost', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 1024 }),
      fc.integer({ min: 0, max: 1500 }),
      fc.boolean(),
      (gib, lost, huge) => {
        const accounted = accountOf(makeHost({ ram: gib * 1024, lost, hugetlb: huge ? gib * 256 : 0 }));
        expect(Math.abs((accounted.unexplained ?? 0) - lost * MIB)).toBeLessThan(64 * 1024);
        expect(accounted.total.bytes).toBe(gib * GIB);
      },
    ),
  );
});
