import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KmemEvent } from '../../model/kmem-event.ts';
import { takeInOrder } from './merge-cpus.ts';
import { AllocationTrace } from './outstanding.ts';
import { PointerTable } from './pointer-table.ts';

const BASE = 0xf_8880_0000_0000;
const SECOND = 1e9;

function event(
  kind: KmemEvent['kind'],
  at: number,
  object: number,
  site = 1,
  more: Partial<KmemEvent> = {},
): KmemEvent {
  return {
    kind,
    event: kind === 'freed' ? 'kfree' : 'kmalloc',
    at: at * SECOND,
    pid: 1,
    interrupt: false,
    pointer: BASE + object * 128,
    site,
    requested: kind === 'freed' ? 0 : 100,
    given: kind === 'freed' ? 0 : 128,
    flags: 0,
    ...more,
  };
}

function follow(
  events: readonly (readonly [KmemEvent, string?])[],
  end: number,
  pointers = 1000,
): ReturnType<AllocationTrace['finish']> {
  const trace = new AllocationTrace({ pointers, groups: 10 });
  for (const [one, process = 'x'] of events) trace.add(one, process);
  return trace.finish(end * SECOND);
}

describe('an allocation trace', () => {
  it('counts what was not freed, by place and process, and how long the rest lived', () => {
    const { groups, freedBefore } = follow(
      [
        [event('allocated', 0, 1), 'a'],
        [event('allocated', 0, 2), 'a'],
        [event('allocated', 1, 3), 'b'],
        [event('freed', 2, 1)],
        [event('freed', 2, 99)],
        [event('allocated', 9, 4), 'a'],
      ],
      10,
    );
    expect(groups).toMatchObject([
      { process: 'a', allocated: 3, outstanding: 2, outstandingBytes: 256, old: 1, meanLife: 2, freedUnseen: 0 },
      { process: 'b', allocated: 1, outstanding: 1, old: 1 },
    ]);
    expect(freedBefore).toBe(1);
  });

  it('sees by an address given out again that a free was not traced', () => {
    const { groups } = follow([[event('allocated', 0, 1, 1)], [event('allocated', 1, 1, 2)]], 2);
    expect(groups).toMatchObject([
      { site: 1, outstanding: 0, freedUnseen: 1 },
      { site: 2, outstanding: 1, freedUnseen: 0 },
    ]);
  });

  it('follows no more pointers than it may, and says how many it did not', () => {
    const events = Array.from({ length: 50 }, (_, i) => [event('allocated', 0, i)] as const);
    const traced = follow(events, 1, 20);
    expect(traced).toMatchObject({ allocations: 50, notFollowed: 30 });
    expect(traced.groups[0]).toMatchObject({ allocated: 50, outstanding: 20 });
  });

  it('puts places beyond its bound together', () => {
    const events = Array.from({ length: 50 }, (_, i) => [event('allocated', 0, i, i + 1)] as const);
    const { groups } = follow(events, 1);
    expect(groups).toHaveLength(11);
    expect(groups.at(-1)).toMatchObject({ process: 'other processes', outstanding: 40 });
  });

  it('keeps the stack from the place on, and the cache that objects are freed to', () => {
    const trace = new AllocationTrace({ pointers: 10, groups: 10 });
    trace.add(event('allocated', 0, 1, 7), 'x', [3, 4, 7, 8]);
    trace.add(event('freed', 1, 1, 9, { cache: 'dentry' }), '');
    expect(trace.finish(2 * SECOND).groups).toMatchObject([{ stack: [7, 8], caches: ['dentry'] }]);
  });
});

describe('a table of pointers', () => {
  it('holds what a map would hold', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.constantFrom(8, 4096, 2 ** 33), (operations, spread) => {
        const table = new PointerTable(10_000);
        const map = new Map<number, number>();
        let same = true;
        operations.forEach(([add, object], i) => {
          const pointer = BASE + object * spread;
          if (add && !map.has(pointer)) {
            table.add(pointer, i, i);
            map.set(pointer, i);
          } else {
            same &&= table.take(pointer)?.group === map.get(pointer);
            map.delete(pointer);
          }
        });
        expect(same).toBe(true);
        expect(table.size).toBe(map.size);
        expect(new Map([...table.values()].map(({ pointer, group }) => [pointer, group]))).toEqual(map);
      }),
    );
  });

  it('grows as far as it may', () => {
    const table = new PointerTable(5000);
    for (let i = 0; !table.isFull; i++) table.add(BASE + i * 64, i, 0);
    expect(table.size).toBe(5000);
    expect(table.take(BASE + 4999 * 64)?.group).toBe(4999);
  });
});

describe('events of several CPUs', () => {
  it('come in the order of time, and later ones wait', () => {
    const queues = [[{ at: 1 }, { at: 5 }, { at: 9 }], [{ at: 2 }, { at: 7 }], []];
    const seen: number[] = [];
    takeInOrder(queues, 7, ({ at }) => seen.push(at));
    expect(seen).toEqual([1, 2, 5, 7]);
    expect(queues).toEqual([[{ at: 9 }], [], []]);
  });
});
