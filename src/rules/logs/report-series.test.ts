import { describe, expect, it } from 'vitest';
import { bytes } from '../../base/units.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { reportSeries } from './report-series.ts';

const MIB = 1024 ** 2;
const kill = (hours: number, mib: number): KernelEvent => ({
  kind: 'out-of-memory',
  tasks: [],
  uptime: hours * 3600,
  at: { kind: 'line', file: 'log', line: hours },
  report: {
    amounts: new Map([['SUnreclaim', { bytes: bytes(mib * MIB), at: { kind: 'line', file: 'log', line: hours } }]]),
    caches: [],
    allocations: [],
    hugepages: [],
  },
});

describe('report-series', () => {
  it('gives the rate of what rose, with the places it was read', () => {
    const [finding, ...rest] = reportSeries.examine({ events: [kill(1, 100), kill(3, 260), kill(5, 500)] });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      verdict: 'growth',
      layer: 'slab-unreclaimable',
      bytes: 400 * MIB,
      rate: { bytesPerHour: 100 * MIB },
    });
    expect(finding?.evidence.map((e) => e.text)).toEqual([
      'unreclaimable slab: 100 MiB',
      '2.0 h later: 260 MiB',
      '4.0 h later: 500 MiB',
    ]);
  });

  it('says nothing of what falls in between, of one shortage reported many times, and of another boot', () => {
    expect(reportSeries.examine({ events: [kill(1, 100), kill(3, 60), kill(5, 500)] })).toEqual([]);
    expect(reportSeries.examine({ events: [kill(1, 100), kill(1.1, 500)] })).toEqual([]);
    expect(reportSeries.examine({ events: [kill(9, 100), kill(1, 500)] })).toEqual([]);
  });
});
