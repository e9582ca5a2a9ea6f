import type { Provenance } from '../base/provenance.ts';
import { bytes, sumBytes, type Bytes } from '../base/units.ts';
import type { CallSiteGroup } from '../model/call-site.ts';
import type { Growth, GrowthFacts } from '../model/facts.ts';
import { measured, missing, type Measured } from '../model/measured.ts';
import { isDetectorOverhead, isReclaimableCache } from '../model/slab-names.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { measureAccounting } from './accounting.ts';
import { groupByCallSite } from './call-site-groups.ts';
import { addFamilies, measureCaches } from './caches.ts';
import { measureFloor, measureSlope, type Point } from './slope.ts';

interface Sample {
  readonly value: Bytes;
  readonly at: Provenance;
  readonly objects?: number;
}
/** Quantities of one snapshot by name. */
type Sampler = (snapshot: Snapshot) => ReadonlyMap<string, Sample>;

/** Changes of every cache, bucket and vmalloc user over snapshots of one host, oldest first. */
export function measureGrowth(snapshots: readonly Snapshot[]): Measured<GrowthFacts> {
  if (snapshots.length < 2) return missing('one snapshot only: no rate without a second one, later');
  const clock = clockOf(snapshots);
  const span = clock ? (clock.at(-1) ?? 0) - (clock[0] ?? 0) : undefined;
  const last = snapshots.at(-1);
  const total = snapshots.findLast((s) => s.counters.has('MemTotal'))?.counters.get('MemTotal')?.bytes;
  const info = new Map(addFamilies(last?.caches?.caches ?? []));
  return measured({
    samples: snapshots.length,
    ...(span === undefined ? {} : { spanSeconds: span }),
    gate: growthGate(total),
    caches: trace(snapshots, clock, sampleCaches, wholeTable)
      .filter((g) => g.last > g.first && !isDetectorOverhead(g.name))
      .map((g) => {
        const cache = info.get(g.name);
        return {
          ...g,
          reclaimable: cache?.reclaimable ?? isReclaimableCache(g.name),
          ...(cache?.objectSize === undefined ? {} : { objectSize: cache.objectSize }),
          aliases: cache?.aliases ?? [],
        };
      })
      .toSorted(byChange),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sampleBuckets yields only these names
    buckets: trace(snapshots, clock, sampleBuckets, wholeEquation).toSorted(byChange) as GrowthFacts['buckets'],
    vmalloc: trace(snapshots, clock, sampleVmalloc, wholeVmalloc)
      .filter((g) => g.last > g.first)
      .toSorted(byChange)
      .map((g) => ({ ...g, ...moduleOf(last, g.name) })),
    sites: measureSites(snapshots, clock),
    ...largeKmalloc(trace(snapshots, clock, sampleLargeKmalloc)),
    counters: trace(snapshots, clock, sampleCounters).toSorted(byChange),
  });
}

const largeKmalloc = ([large]: readonly Growth[]): Pick<GrowthFacts, 'largeKmalloc'> =>
  large ? { largeKmalloc: large } : {};

const byChange = (a: Growth, b: Growth): number => b.last - b.first - (a.last - a.first);

/**
 * What a change must reach to be spoken of: 0.4 % of RAM, at most 64 MiB, so that a slow leak on a large host is
 * seen; 512 KiB where RAM is not known.
 */
function growthGate(total: Bytes | undefined): Bytes {
  return bytes(total === undefined ? 512 * 1024 : Math.min(Math.round(total * 0.004), 64 * 1024 * 1024));
}

/** Seconds of every snapshot on their common clock; undefined where they have none. */
export function clockOf(snapshots: readonly Snapshot[]): readonly number[] | undefined {
  const clocks = new Set(snapshots.map((s) => s.time?.clock));
  if (clocks.size !== 1 || clocks.has(undefined)) return undefined;
  const seconds = snapshots.map((s) => s.time?.seconds ?? 0);
  return (seconds.at(-1) ?? 0) > (seconds[0] ?? 0) ? seconds : undefined;
}

/** `nothing` tells of a snapshot that what its table does not list is 0 there, and where that is seen. */
function trace(
  snapshots: readonly Snapshot[],
  clock: readonly number[] | undefined,
  sampler: Sampler,
  nothing: (snapshot: Snapshot) => Provenance | undefined = () => undefined,
): Growth[] {
  const tracks = new Map<string, { points: Point[]; samples: Sample[] }>();
  const sampled = snapshots.map(sampler);
  const names = new Set(sampled.flatMap((samples) => [...samples.keys()]));
  for (const [index, snapshot] of snapshots.entries()) {
    const at = nothing(snapshot);
    for (const name of names) {
      const sample = sampled[index]?.get(name) ?? (at ? { value: bytes(0), at, objects: 0 } : undefined);
      if (!sample) continue;
      const track = tracks.get(name) ?? { points: [], samples: [] };
      track.points.push([clock?.[index] ?? index, sample.value]);
      track.samples.push(sample);
      tracks.set(name, track);
    }
  }
  return [...tracks].flatMap(([name, { points, samples }]) => {
    const first = samples[0];
    const last = samples.at(-1);
    const slope = first && last && samples.length > 1 ? measureSlope(points) : undefined;
    return first && last && slope
      ? [
          {
            name,
            ...describe(first, last, samples.length),
            ...rate(slope, clock),
            trend: slope.trend,
            floor: measureFloor(points),
          },
        ]
      : [];
  });
}

function describe(
  first: Sample,
  last: Sample,
  samples: number,
): Pick<Growth, 'first' | 'last' | 'objects' | 'samples' | 'firstAt' | 'lastAt'> {
  return {
    first: first.value,
    last: last.value,
    ...(first.objects !== undefined && last.objects !== undefined
      ? { objects: { first: first.objects, last: last.objects } }
      : {}),
    samples,
    firstAt: first.at,
    lastAt: last.at,
  };
}

function rate(slope: { perSecond: number; low?: number; high?: number }, clock: unknown): Pick<Growth, 'perHour'> {
  if (clock === undefined) return {};
  return {
    perHour: {
      value: slope.perSecond * 3600,
      ...(slope.low === undefined ? {} : { low: slope.low * 3600 }),
      ...(slope.high === undefined ? {} : { high: slope.high * 3600 }),
    },
  };
}

const sampleCaches: Sampler = ({ caches }) =>
  new Map(
    [...addFamilies(caches?.caches ?? [])].map(([name, c]) => [
      name,
      { value: c.bytes, at: c.at, ...(c.objects === undefined ? {} : { objects: c.objects }) },
    ]),
  );

/** A cache that a whole table does not list did not exist then: its module was not loaded yet. */
const wholeTable = ({ caches }: Snapshot): Provenance | undefined =>
  caches?.whole === true ? caches.caches[0]?.at : undefined;

const sampleLargeKmalloc: Sampler = (snapshot) => {
  const caches = measureCaches(snapshot);
  const large = caches.state === 'measured' ? caches.value.largeKmalloc : undefined;
  return new Map(large ? [['large kmalloc', { value: large.bytes, at: large.at }]] : []);
};

/** A bucket that a complete equation lacks is empty. */
const wholeEquation = (snapshot: Snapshot): Provenance | undefined => {
  const accounted = measureAccounting(snapshot);
  return accounted.state === 'measured' && accounted.value.complete ? accounted.value.total.at : undefined;
};

const sampleBuckets: Sampler = (snapshot) => {
  const accounted = measureAccounting(snapshot);
  if (accounted.state === 'missing') return new Map();
  const { buckets, unexplained, total } = accounted.value;
  const samples = new Map<string, Sample>(buckets.map((b) => [b.name, { value: b.bytes, at: b.at[0] ?? total.at }]));
  if (unexplained !== undefined) samples.set('unexplained', { value: unexplained, at: total.at });
  return samples;
};

const sampleVmalloc: Sampler = ({ vmalloc }) => {
  const samples = new Map<string, Sample & { objects: number }>();
  for (const { caller, bytes: value, areas, at } of vmalloc?.users ?? []) {
    const before = samples.get(caller);
    samples.set(caller, {
      value: before ? sumBytes([before.value, value]) : value,
      objects: areas + (before?.objects ?? 0),
      at: before?.at ?? at,
    });
  }
  return samples;
};

const wholeVmalloc = ({ vmalloc }: Snapshot): Provenance | undefined => vmalloc?.users[0]?.at;

const sampleCounters: Sampler = ({ counters }) =>
  new Map([...counters].map(([name, { bytes: value, at }]) => [name, { value, at }]));

function moduleOf(snapshot: Snapshot | undefined, caller: string): { module?: string } {
  const module = snapshot?.vmalloc?.users.find((u) => u.caller === caller)?.module;
  return module === undefined ? {} : { module };
}

/** Sites by the books that the kernel keeps of all live allocations; kmemleak lists suspects only, and not each time. */
function measureSites(snapshots: readonly Snapshot[], clock: readonly number[] | undefined): GrowthFacts['sites'] {
  const groups = new Map<string, CallSiteGroup>();
  const sampler: Sampler = ({ reports }) =>
    new Map(
      groupByCallSite(reports.filter((r) => r.detector !== 'kmemleak' && r.detector !== 'kedr' && !r.cut)).flatMap(
        (g) => {
          const key = [
            g.detector,
            g.site.function,
            g.site.module,
            g.site.frame.source,
            g.cache,
            g.area,
            g.movable,
          ].join(' ');
          groups.set(key, g);
          return g.bytes === undefined ? [] : [[key, { value: g.bytes, at: g.at, objects: g.count }] as const];
        },
      ),
    );
  return trace(snapshots, clock, sampler)
    .filter((g) => g.last > g.first)
    .toSorted(byChange)
    .flatMap((g) => {
      const group = groups.get(g.name);
      return group ? [{ ...g, group }] : [];
    });
}
