import { measureAccounting } from '../analysis/accounting.ts';
import { clockOf } from '../analysis/growth.ts';
import { thin } from '../analysis/slope.ts';
import type { Series } from '../findings/diagnosis.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Points per line of a picture. */
const MOST = 200;

/** Lines for the pictures: the unexplained part, slab by kind, and the caches named, over the snapshots' common clock. */
export function traceSeries(snapshots: readonly Snapshot[], caches: readonly string[]): readonly Series[] {
  const clock = clockOf(snapshots);
  if (!clock) return [];
  const start = clock[0] ?? 0;
  const moments = thin(
    snapshots.map((snapshot, i) => ({ snapshot, seconds: (clock[i] ?? 0) - start })),
    MOST,
  );
  const line = (name: string, pick: (s: Snapshot) => number | undefined): Series => ({
    name,
    points: moments.flatMap(({ snapshot, seconds }) => {
      const value = pick(snapshot);
      return value === undefined ? [] : [[seconds, value] as const];
    }),
  });
  return [
    line('unexplained', (s) => {
      const accounted = measureAccounting(s);
      return accounted.state === 'measured' ? accounted.value.unexplained : undefined;
    }),
    line('slab, unreclaimable', (s) => s.counters.get('SUnreclaim')?.bytes),
    line('slab, flagged reclaimable', (s) => s.counters.get('SReclaimable')?.bytes),
    ...caches.map((name) => line(name, (s) => s.caches?.caches.find((c) => c.name === name)?.bytes)),
  ].filter((s) => s.points.length > 1);
}
