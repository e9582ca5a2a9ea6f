import { clockOf } from '../analysis/growth.ts';
import { measureDifferences } from '../analysis/twins.ts';
import { BUCKETS } from '../findings/buckets.ts';
import type { ComparedItem, Comparison } from '../findings/comparison.ts';
import type { Difference } from '../model/facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { InputError } from '../sources/input-error.ts';
import { collect, type Collected, type CollectOptions } from './collect.ts';

/** Two hosts or two moments: what differs, largest change first. Of a series the last moment counts. */
export async function compare(a: string, b: string, options: CollectOptions = {}): Promise<Comparison> {
  const left = await withDump(await collect([a], options));
  const right = await withDump(await collect([b], options));
  const [first, second] = [lastOf(left.snapshots, a), lastOf(right.snapshots, b)];
  const forward = measureDifferences(second, first, 'twins');
  const backward = measureDifferences(first, second, 'twins');
  const seen = new Set(forward.differences.map((d) => `${d.kind} ${d.name}`));
  const items = [
    ...forward.differences.map((d) => item(d, false)),
    ...backward.differences.filter((d) => !seen.has(`${d.kind} ${d.name}`)).map((d) => item(d, true)),
  ];
  const [one, two] = [left.dumps[0], right.dumps[0]];
  if (one !== undefined && two !== undefined) items.push(...(await heldItems(one.file, two.file)));
  const clock = forward.unlike.length === 0 ? clockOf([first, second]) : undefined;
  return {
    schema: 'kleak.comparison/1',
    a,
    b,
    relation: clock ? 'moments' : 'hosts',
    ...(clock ? { seconds: (clock[1] ?? 0) - (clock[0] ?? 0) } : {}),
    unlike: forward.unlike,
    differences: items.toSorted((x, y) => Math.abs(y.changeBytes) - Math.abs(x.changeBytes)),
    unread: [...left.unread, ...right.unread],
  };
}

/** Of a dump, what /proc would have said; `kleak core compare` follows single objects. */
async function withDump(collected: Collected): Promise<Collected> {
  const [dump] = collected.dumps;
  if (collected.snapshots.length > 0 || dump === undefined) return collected;
  const { snapshotOfFile } = await import('./dump/snapshot-of-dump.ts');
  return { ...collected, snapshots: [snapshotOfFile(dump.file)] };
}

/** Of two dumps also who holds what differs. */
async function heldItems(a: string, b: string): Promise<readonly ComparedItem[]> {
  const { holdersOfTwo } = await import('./dump/compare-two.ts');
  return holdersOfTwo(a, b).map((held) => ({
    name: `${held.of}, by ${held.holder}`,
    kind: 'holder' as const,
    aBytes: held.aBytes,
    bBytes: held.bBytes,
    changeBytes: held.changeBytes,
    aObjects: held.a,
    bObjects: held.b,
  }));
}

function lastOf(snapshots: readonly Snapshot[], input: string): Snapshot {
  const last = snapshots.findLast((s) => s.counters.size > 0 || s.caches);
  if (!last)
    throw new InputError(input, 'holds nothing that can be compared', 'give a directory with meminfo or slabinfo');
  return last;
}

function item(d: Difference, swapped: boolean): ComparedItem {
  const [a, b] = swapped ? [d.here, d.there] : [d.there, d.here];
  const [aObjects, bObjects] = swapped ? [d.objectsHere, d.objectsThere] : [d.objectsThere, d.objectsHere];
  const label = d.kind === 'bucket' ? BUCKETS[d.name]?.label : undefined;
  return {
    name: d.name,
    kind: d.kind,
    ...(label === undefined ? {} : { label }),
    aBytes: a,
    bBytes: b,
    changeBytes: b - a,
    ...(aObjects === undefined ? {} : { aObjects }),
    ...(bObjects === undefined ? {} : { bObjects }),
  };
}
