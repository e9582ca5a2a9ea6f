import { describe, expect, it } from 'vitest';
import { compareMoments } from './compare-samples.ts';
import { openLedger, type Ledger, type PushedSample } from './ledger.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;
const MIB = 2 ** 20;

/** Hosts of 16 GiB with a sample every half hour; `held` is what a cache holds at an hour. */
function fill(ledger: Ledger, host: string, hours: number, held: (hour: number) => number): void {
  const samples = Array.from({ length: hours * 2 + 1 }, (_, i): PushedSample => {
    const hour = i / 2;
    const day = Math.sin((hour / 24) * 2 * Math.PI);
    const cache = Math.round(held(hour) * MIB);
    return {
      at: NOW - (hours - hour) * HOUR,
      boot: 'boot',
      totalBytes: 16 * 1024 * MIB,
      unexplained: 180 * MIB + Math.round(Math.sin(i * 7) * 4 * MIB),
      buckets: {
        processes: Math.round((4200 + 400 * day) * MIB),
        'slab-unreclaimable': 260 * MIB + cache,
        free: 9000 * MIB - cache,
      },
      caches: [
        { name: 'kmalloc-128', bytes: cache },
        { name: 'dentry', bytes: Math.round((420 + 20 * day) * MIB) },
      ],
    };
  });
  ledger.push(host, {}, samples, [], NOW);
}

const compared = (held: (hour: number) => number, hours = 96): ReturnType<typeof compareMoments> => {
  const ledger = openLedger(':memory:');
  fill(ledger, 'well', 96, () => 120);
  fill(ledger, 'sick', hours, held);
  const comparison = compareMoments(ledger, { host: 'well' }, { host: 'sick' });
  ledger.close();
  return comparison;
};

describe('two hosts beside each other', () => {
  it('each part and cache has its rate on either host', () => {
    const rows = compared((hour) => 120 + hour * 30)?.rows ?? [];
    for (const name of ['slab-unreclaimable', 'kmalloc-128']) {
      const row = rows.find((one) => one.name === name);
      expect([name, row?.courseA]).toEqual([name, { direction: 'steady' }]);
      expect([name, row?.courseB?.direction]).toEqual([name, 'rising']);
      expect((row?.courseB?.bytesPerHour ?? 0) / MIB).toBeCloseTo(30, 0);
    }
    expect(rows.find(({ name }) => name === 'free')?.courseB?.direction).toBe('falling');
  });

  it('the swing of a day is no growth', () => {
    const processes = compared(() => 120)?.rows.find(({ name }) => name === 'processes');
    expect([processes?.courseA?.bytesPerHour, processes?.courseB?.bytesPerHour]).toEqual([undefined, undefined]);
  });

  it('what was lost long before the moment is no rate', () => {
    const slab = compared((hour) => 120 + Math.min(hour, 40) * 30)?.rows.find(({ name }) => name === 'kmalloc-128');
    expect(slab?.courseB).toEqual({ direction: 'steady' });
    expect(slab?.b).toBe(1320 * MIB);
  });

  it('too few samples have no rate', () => {
    const rows = compared((hour) => 120 + hour * 30, 2)?.rows ?? [];
    expect(rows.some(({ courseA }) => courseA !== undefined)).toBe(true);
    expect(rows.filter(({ courseB }) => courseB !== undefined)).toEqual([]);
  });

  it('two moments of one host have no rates but that between them', () => {
    const ledger = openLedger(':memory:');
    fill(ledger, 'sick', 96, (hour) => 120 + hour * 30);
    const comparison = compareMoments(ledger, { host: 'sick', at: NOW - 24 * HOUR }, { host: 'sick' });
    ledger.close();
    expect(comparison?.hours).toBe(24);
    expect(comparison?.rows.filter(({ courseA, courseB }) => courseA ?? courseB)).toEqual([]);
  });
});
