import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMadeDump } from '../../../testkit/made-dump.ts';
import { realDumps } from '../../../testkit/real-dumps.ts';
import { scanFrames, type PartialGraph } from '../../analysis/reachability/build-graph.ts';
import type { EdgeStore } from '../../analysis/reachability/edge-store.ts';
import { joinGraphs } from '../../analysis/reachability/join-graphs.ts';
import type { Reachability } from '../../analysis/reachability/measure-reachability.ts';
import { planFrames, type Planned } from '../../analysis/reachability/plan-frames.ts';
import { splitFrames } from '../../analysis/reachability/split-frames.ts';
import { CoreSession } from '../core/session.ts';
import { scanWithWorkers } from './scan-with-workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-scan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const made = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: Array.from({ length: 900 }, (_, i) => (i % 3 === 0 ? 'AAff11AA' : 'AAAA')) },
    { name: 'dentry', size: 192, reclaimable: true, order: 1, slabs: Array.from({ length: 900 }, () => 'AAAf') },
  ],
  blocks: [{ use: 'buddy', order: 3 }],
});
const given = { name: 'a made kernel', path: made.path, symbols: [made.map] };
/** Milliseconds: several threads start, side by side with other tests. */
const SLOW = 60_000;

const listOf = (store: EdgeStore): readonly number[] => Array.from({ length: store.length }, (_, i) => store.at(i));

/** Everything in it, to be compared: as text, since comparing entry by entry takes longer than the sweep. */
const wholeOf = ({ graph, space, marked }: Reachability): string =>
  JSON.stringify({
    starts: [...graph.starts],
    targets: listOf(graph.targets),
    roots: listOf(graph.rootTargets),
    places: graph.rootPlaces,
    words: [...graph.baseWords],
    read: graph.read,
    marked: Array.from({ length: space.count }, (_, node) => marked.has(node)),
  });

function reachabilityOf(path: string, symbols: readonly string[], workers: number): string {
  const session = CoreSession.open(path, { symbols, workers });
  try {
    return wholeOf(session.reachability);
  } finally {
    session.close();
  }
}

function planOf(session: CoreSession): Planned {
  const { kernel, refinedPages, heap, users } = session;
  return planFrames(kernel, refinedPages, heap, { ...users, registers: [], stackPointers: [] });
}

describe('a sweep by several threads', () => {
  const bundled = realDumps().filter(({ name }) => name === 'arm64-slab' || name === 'x86-64-slub');
  it.each([given, ...bundled.map(({ name, path }) => ({ name, path, symbols: [] }))])(
    'of $name finds what one finds',
    { timeout: SLOW },
    ({ path, symbols }) => {
      const one = reachabilityOf(path, symbols, 0);
      for (const workers of [1, 2]) expect(reachabilityOf(path, symbols, workers) === one).toBe(true);
    },
  );
});

describe('ranges of frames', () => {
  const session = CoreSession.open(given.path, { symbols: given.symbols });
  afterAll(() => session.close());
  const { space, frames } = planOf(session);
  const bounds = splitFrames(space, frames);
  const { physical } = session.kernel.memory;
  const scan = (ranges: readonly number[]): PartialGraph => {
    const left = [...ranges];
    return scanFrames(physical, space, frames, bounds, () => left.shift() ?? bounds.length);
  };
  const all = Array.from({ length: bounds.length - 1 }, (_, range) => range);
  const join = (parts: readonly PartialGraph[]): unknown => {
    const { targets, rootTargets, ...rest } = joinGraphs(space, bounds, parts, () => undefined);
    return { ...rest, targets: listOf(targets), roots: listOf(rootTargets) };
  };

  it('are several, go from the first frame to the last, and cut no slab', () => {
    expect(all.length).toBeGreaterThan(2);
    expect([bounds[0], bounds.at(-1)]).toEqual([0, frames.plan.length]);
    const { table } = space;
    const within = [...bounds.subarray(1, -1)].map((bound) => [table.slabAt(bound - 1), table.slabAt(bound)] as const);
    expect(within.filter(([before, behind]) => before !== undefined && before === behind)).toEqual([]);
  });

  it('give the same graph whoever scans which, in whatever order', () => {
    const one = join([scan(all)]);
    expect(join([scan(all.filter((i) => i % 2 === 0)), scan(all.filter((i) => i % 2 === 1))])).toEqual(one);
    expect(join([scan(all.filter((i) => i > 1)), scan([]), scan([1, 0])])).toEqual(one);
    expect(join([scan(all.toReversed())])).toEqual(one);
  });

  it('are not joined where one is missing or there twice', () => {
    expect(() => join([scan(all.slice(1))])).toThrow(RangeError);
    expect(() => join([scan(all), scan([0])])).toThrow(RangeError);
  });

  it('are scanned here where a worker cannot open the dump', { timeout: SLOW }, () => {
    const parts = scanWithWorkers([`${folder}/nowhere`], physical, 1)(space, frames, bounds);
    expect(join(parts)).toEqual(join([scan(all)]));
  });

  it('are taken by workers too, when there is enough to do', { timeout: SLOW }, () => {
    // Reading is held up here until the worker has begun.
    const until = performance.now() + 2000;
    const slow: typeof physical = {
      ...physical,
      pageSize: physical.pageSize,
      endFrame: physical.endFrame,
      read: (address, target) => {
        while (performance.now() < until);
        return physical.read(address, target);
      },
    };
    const parts = scanWithWorkers(session.dump.files, slow, 1)(space, frames, bounds);
    expect(parts).toHaveLength(2);
    expect(join(parts)).toEqual(join([scan(all)]));
  });
});
