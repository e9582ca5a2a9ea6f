import { bytes, sumBytes, type Bytes } from '../base/units.ts';
import type { Difference, TwinFacts } from '../model/facts.ts';
import { isDetectorOverhead, isReclaimableCache } from '../model/slab-names.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { measureAccounting } from './accounting.ts';
import { addFamilies } from './caches.ts';
import { differentHosts } from './relation.ts';

type Item = Pick<Difference, 'name' | 'kind'> & {
  readonly bytes: Bytes;
  readonly objects?: number;
  readonly reclaimable?: boolean;
  readonly at: Difference['hereAt'];
};

/** What `here` holds more of than `there`, largest surplus first. */
export function measureDifferences(here: Snapshot, there: Snapshot, relation: TwinFacts['relation']): TwinFacts {
  const others = new Map(list(there).map((i) => [`${i.kind} ${i.name}`, i]));
  const differences = list(here).flatMap((item): Difference[] => {
    const other = others.get(`${item.kind} ${item.name}`);
    if (other === undefined && !comparable(there, item.kind)) return [];
    return [
      {
        name: item.name,
        kind: item.kind,
        here: item.bytes,
        there: other?.bytes ?? bytes(0),
        ...(item.objects === undefined ? {} : { objectsHere: item.objects }),
        ...(other?.objects === undefined ? {} : { objectsThere: other.objects }),
        ...(item.reclaimable === undefined ? {} : { reclaimable: item.reclaimable }),
        hereAt: item.at,
        ...(other ? { thereAt: other.at } : {}),
      },
    ];
  });
  return {
    here: here.label,
    there: there.label,
    relation,
    unlike: unlike(here, there),
    differences: differences.toSorted((a, b) => b.here - b.there - (a.here - a.there)),
  };
}

/** Of two snapshots, the one that holds more of what could be leaked is the one to examine. */
export function chooseSick(a: Snapshot, b: Snapshot): readonly [sick: Snapshot, healthy: Snapshot] {
  const surplus = (x: Snapshot, y: Snapshot): number => {
    const [most] = measureDifferences(x, y, 'twins').differences.filter((d) =>
      d.kind === 'bucket' ? suspect(d.name) : d.reclaimable !== true,
    );
    return most ? most.here - most.there : 0;
  };
  const [more, less] = surplus(b, a) > surplus(a, b) ? [b, a] : [a, b];
  const total = more.counters.get('MemTotal')?.bytes;
  // Neither holds notably more of what could be leaked: the one with less free memory is the one in trouble.
  if (total !== undefined && surplus(more, less) < total * 0.01) return freeShare(a) <= freeShare(b) ? [a, b] : [b, a];
  return [more, less];
}

const freeShare = ({ counters }: Snapshot): number =>
  (counters.get('MemFree')?.bytes ?? 0) / (counters.get('MemTotal')?.bytes ?? Infinity);

const suspect = (bucket: string): boolean => /^(?:unexplained|slab-unreclaimable|vmalloc|percpu)$/.test(bucket);

function list(snapshot: Snapshot): readonly Item[] {
  const accounted = measureAccounting(snapshot);
  const buckets: Item[] =
    accounted.state === 'measured'
      ? [
          ...accounted.value.buckets.map((b): Item => ({
            name: b.name,
            kind: 'bucket',
            bytes: b.bytes,
            at: b.at[0] ?? accounted.value.total.at,
          })),
          ...(accounted.value.unexplained === undefined
            ? []
            : [
                {
                  name: 'unexplained',
                  kind: 'bucket' as const,
                  bytes: accounted.value.unexplained,
                  at: accounted.value.total.at,
                },
              ]),
        ]
      : [];
  const listed = [...addFamilies(snapshot.caches?.caches ?? []).values()];
  const caches = listed
    .filter((c) => !isDetectorOverhead(c.name))
    .map((c): Item => ({
      name: c.name,
      kind: 'cache',
      bytes: c.bytes,
      ...(c.objects === undefined ? {} : { objects: c.objects }),
      reclaimable: c.reclaimable ?? isReclaimableCache(c.name),
      at: c.at,
    }));
  // A module's callers are one thing to compare; the core's stand for themselves.
  const vmalloc = [
    ...Map.groupBy(snapshot.vmalloc?.users ?? [], (u) => (u.module === undefined ? u.caller : `module ${u.module}`)),
  ].flatMap(([name, [first, ...more]]): Item[] =>
    first
      ? [
          {
            name,
            kind: 'vmalloc',
            bytes: sumBytes([first, ...more].map((u) => u.bytes)),
            objects: [first, ...more].reduce((n, u) => n + u.areas, 0),
            at: first.at,
          },
        ]
      : [],
  );
  const pools = snapshot.pools.map((p): Item => ({ name: p.name, kind: 'pool', bytes: p.bytes, at: p.at }));
  return [...buckets, ...caches, ...vmalloc, ...pools];
}

/** A name that the other lacks counts as 0 there only where the other listed such things at all, and wholly. */
function comparable(there: Snapshot, kind: Difference['kind']): boolean {
  switch (kind) {
    case 'cache':
      return there.caches?.whole === true;
    case 'bucket':
      return there.counters.has('MemTotal');
    case 'vmalloc':
      return there.vmalloc !== undefined;
    case 'pool':
      return there.pools.length > 0;
  }
}

function unlike(a: Snapshot, b: Snapshot): readonly string[] {
  const reasons = [...differentHosts([a, b])];
  if (a.host.release !== undefined && b.host.release !== undefined && a.host.release !== b.host.release) {
    reasons.push(`their kernels differ: ${a.host.release} and ${b.host.release}`);
  }
  return reasons;
}
