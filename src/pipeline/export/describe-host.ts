import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { HostMetrics, MeasuredVerdict, Versioned } from '../../findings/host-metrics.ts';
import { measureAccounting } from '../../analysis/accounting.ts';
import type { Program, Snapshot } from '../../model/snapshot.ts';
import type { Sampled } from '../live/host-sampler.ts';

/** The equation of one sample. */
export function describeMemory({ sample, snapshot }: Sampled): NonNullable<HostMetrics['memory']> {
  const accounted = measureAccounting(snapshot);
  const { low, high } = accounted.state === 'measured' ? accounted.value : {};
  const { totalBytes, available, buckets, unexplained } = sample;
  return {
    total: totalBytes,
    ...(available === undefined ? {} : { available }),
    buckets: [...buckets].map(([name, bytes]) => ({ name, bytes })),
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(unexplained === undefined || low === undefined ? {} : { unexplainedLow: low }),
    ...(unexplained === undefined || high === undefined ? {} : { unexplainedHigh: high }),
  };
}

/** What a sample read, by the names that node_exporter has for it too. */
export function describeCounters({
  sample,
  snapshot,
}: Sampled): Pick<HostMetrics, 'meminfo' | 'pagesFreed' | 'booted'> {
  return {
    meminfo: new Map([...snapshot.counters].map(([name, { bytes }]) => [name, bytes])),
    ...(snapshot.pagesFreed ? { pagesFreed: snapshot.pagesFreed.count } : {}),
    booted: Math.round(sample.at / 1000 - sample.uptime),
  };
}

/** `now`: milliseconds since 1970. */
export function describeVerdict(
  { verdict, layer, confidence, rate, findings }: Diagnosis,
  now: number,
): MeasuredVerdict {
  const hours = 3600;
  return {
    verdict,
    layer,
    ...(confidence === undefined ? {} : { confidence }),
    ...(rate
      ? {
          bytesPerSecond: {
            value: rate.bytesPerHour / hours,
            ...(rate.low === undefined ? {} : { low: rate.low / hours }),
            ...(rate.high === undefined ? {} : { high: rate.high / hours }),
          },
        }
      : {}),
    ...(rate?.hoursLeft === undefined ? {} : { exhaustion: Math.round(now / 1000 + rate.hoursLeft * hours) }),
    findings: findings
      .filter((f) => f.verdict === 'leak' || f.verdict === 'growth')
      .map(({ id, layer: its, subject, owner, bytes }) => ({
        id,
        layer: its,
        subject: subject?.cache ?? subject?.function ?? subject?.callSite ?? owner?.name ?? '',
        ...(bytes === undefined ? {} : { bytes }),
      })),
  };
}

/**
 * Drivers and packages with their versions. A driver of the kernel's own tree states none: its version is the kernel's.
 * Modules from elsewhere come first, then those that are loaded, so that a bound on their number leaves out the others.
 */
export function describeVersions({
  programs,
  modules,
  host,
}: Snapshot): Pick<HostMetrics, 'drivers' | 'packages' | 'kernelRelease'> {
  const { release = '' } = host;
  const taints = new Map(modules.map((m) => [m.name, m.taints]));
  const rank = ({ name }: Versioned): number => {
    const taint = taints.get(name);
    return taint === undefined ? 2 : taint.includes('O') ? 0 : 1;
  };
  const of = (kind: Program['kind']): readonly Versioned[] => {
    const list = programs
      .filter((p) => p.kind === kind)
      .map(({ name, version }) => ({ name, version: version === '' ? release : version }));
    const unique = new Map(list.map((one) => [`${one.name} ${one.version}`, one]));
    return [...unique.values()].toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  };
  return { ...(release === '' ? {} : { kernelRelease: release }), drivers: of('module'), packages: of('package') };
}
