import { describe, expect, it } from 'vitest';
import { bytes } from '../base/units.ts';
import type { AllocationGroup, AllocationReport, Frame } from '../model/snapshot.ts';
import { groupByCallSite } from './call-site-groups.ts';

const at = { kind: 'line', file: 'kmemleak', line: 1 } as const;

function group(names: readonly string[], count: number, rest: Partial<AllocationGroup> = {}): AllocationGroup {
  const [first = { symbol: '' }, ...others]: readonly Frame[] = names.map((symbol) => ({ symbol }));
  return {
    stack: [first, ...others],
    count,
    bytes: bytes(count * 64),
    objectSize: bytes(64),
    processes: [],
    samples: [],
    at,
    ...rest,
  };
}
const report = (groups: readonly AllocationGroup[], cut = false): AllocationReport => ({
  detector: 'kmemleak',
  groups,
  entries: 0,
  cut,
});

describe('groupByCallSite', () => {
  it('adds up stacks of one function, over all reports, largest first', () => {
    const groups = groupByCallSite([
      report([group(['__kmalloc', 'foo', 'a'], 2, { processes: ['x', 'y'] }), group(['kzalloc', 'bar'], 4)]),
      report([group(['kzalloc', 'foo', 'b'], 30, { processes: ['y'] })], true),
    ]);
    expect(groups.map((g) => [g.site.function, g.count, g.bytes, g.stacks, g.cut])).toEqual([
      ['foo', 32, 2048, 2, true],
      ['bar', 4, 256, 1, false],
    ]);
    expect(groups[0]?.processes).toEqual(['y', 'x']);
    expect(groups[0]?.objectSize).toBe(64);
  });

  it('keeps caches, areas and detectors apart', () => {
    const groups = groupByCallSite([
      report([
        group(['foo'], 1, { cache: 'a' }),
        group(['foo'], 1, { cache: 'b' }),
        group(['foo'], 1, { area: 'vmalloc' }),
      ]),
      { ...report([group(['foo'], 1)]), detector: 'kedr' },
    ]);
    expect(groups).toHaveLength(4);
  });

  it('gives no sum and no size where one is unknown', () => {
    const { bytes: _, objectSize: __, ...unknown } = group(['foo', 'a'], 5);
    const [only] = groupByCallSite([report([group(['foo'], 1), unknown])]);
    expect(only).toMatchObject({ count: 6 });
    expect(only).not.toHaveProperty('bytes');
    expect(only).not.toHaveProperty('objectSize');
  });
});
