import { Counter, Gauge, Registry } from 'prom-client';
import type { HostMetrics, Versioned } from '../findings/host-metrics.ts';
import { escapeTerminal } from './escape.ts';

export interface MetricsOptions {
  /**
   * Names that node_exporter has for the same: `clean` those that its own lint lets pass, `all` also MemTotal and its
   * like, whose names it does not. `none` for a textfile, where node_exporter itself adds them.
   */
  readonly nodeNames: 'none' | 'clean' | 'all';
}

/** What is sent as Content-Type. */
export const METRICS_TYPE: string = new Registry().contentType;

/** Of one thing, at most this many series; all together stay below 300. */
const MOST_CACHES = 24;
const MOST_FINDINGS = 8;
const MOST_DRIVERS = 48;
const MOST_PACKAGES = 32;
const MOST_BUCKETS = 24;
const LONGEST_LABEL = 120;
const VERDICTS = ['leak', 'growth', 'not-a-leak', 'inconclusive'] as const;

/** Of meminfo: what is read and used anyway. The second list has names that promtool's lint refuses. */
const CLEAN_NAMES = [
  'Active',
  'Buffers',
  'Cached',
  'Dirty',
  'Hugetlb',
  'Inactive',
  'KReclaimable',
  'Mapped',
  'Mlocked',
  'Percpu',
  'Shmem',
  'Slab',
  'SReclaimable',
  'SUnreclaim',
  'Unevictable',
  'Writeback',
] as const;
const OTHER_NAMES = [
  'AnonPages',
  'KernelStack',
  'MemAvailable',
  'MemFree',
  'MemTotal',
  'PageTables',
  'SwapFree',
  'SwapTotal',
  'VmallocUsed',
] as const;

/** The text format of Prometheus, of one document. Every label is bounded, and so is their number. */
export async function renderMetrics(metrics: HostMetrics, { nodeNames }: MetricsOptions): Promise<string> {
  const sheet = new Sheet();
  addSampling(sheet, metrics);
  addMemory(sheet, metrics);
  addCaches(sheet, metrics);
  addVerdict(sheet, metrics);
  addVersions(
    sheet,
    'driver',
    'kernel modules that state a version, and drivers of network interfaces',
    metrics.drivers,
  );
  addVersions(sheet, 'package', 'installed packages that concern kernel memory', metrics.packages);
  if (nodeNames !== 'none') addNodeNames(sheet, metrics, nodeNames);
  return sheet.text();
}

type Labels = Readonly<Record<string, string>>;

/** A registry of its own for each rendering: nothing is kept from one to the next. */
class Sheet {
  readonly #registry = new Registry();

  /** Series of one name; what is undefined is left out, and with it the name where nothing is left. */
  add(name: string, help: string, series: readonly (readonly [Labels, number | undefined])[]): void {
    const present = series.filter(([, value]) => value !== undefined && Number.isFinite(value));
    if (present.length === 0) return;
    const labelNames = Object.keys(present[0]?.[0] ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [this.#registry] });
    for (const [labels, value] of present) gauge.set(bounded(labels), value ?? 0);
  }

  one(name: string, help: string, value: number | undefined): void {
    this.add(name, help, [[{}, value]]);
  }

  count(name: string, help: string, value: number): void {
    new Counter({ name, help, registers: [this.#registry] }).inc(value);
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

const bounded = (labels: Labels): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key, escapeTerminal(value).slice(0, LONGEST_LABEL)]),
  );

function addSampling(sheet: Sheet, { kleak, kernelRelease = '', sampling }: HostMetrics): void {
  sheet.add('kleak_build_info', 'Version of kleak that made this, and the kernel it runs on.', [
    [{ version: kleak, kernel: kernelRelease }, 1],
  ]);
  sheet.one('kleak_sample_timestamp_seconds', 'When the host was last sampled, by its own clock.', sampling.at);
  sheet.one('kleak_sample_duration_seconds', 'How long the last sample took.', sampling.seconds);
  sheet.count('kleak_samples_total', 'Samples since kleak was started.', sampling.samples);
  sheet.count('kleak_sample_failures_total', 'Attempts to sample that came to nothing.', sampling.failures);
  sheet.one('kleak_sample_unread_files', 'Files that could not be read in the last sample.', sampling.unread);
}

function addMemory(sheet: Sheet, { memory }: HostMetrics): void {
  if (!memory) return;
  sheet.one('kleak_memory_total_bytes', 'Memory that the kernel manages (MemTotal).', memory.total);
  sheet.one('kleak_memory_available_bytes', 'What can be had without swapping (MemAvailable).', memory.available);
  sheet.add(
    'kleak_memory_bucket_bytes',
    'Memory by what holds it; the buckets do not overlap, and with what is unexplained they add up to the total.',
    memory.buckets.slice(0, MOST_BUCKETS).map(({ name, bytes }) => [{ bucket: name }, bytes]),
  );
  const unexplained = 'Memory that no counter explains';
  sheet.one('kleak_memory_unexplained_bytes', `${unexplained}.`, memory.unexplained);
  sheet.one('kleak_memory_unexplained_low_bytes', `${unexplained}, at least.`, memory.unexplainedLow);
  sheet.one('kleak_memory_unexplained_high_bytes', `${unexplained}, at most.`, memory.unexplainedHigh);
}

function addCaches(sheet: Sheet, { growing, cachesWatched }: HostMetrics): void {
  const shown = growing.slice(0, MOST_CACHES);
  const of = (value: (cache: (typeof shown)[number]) => number | undefined): [Labels, number | undefined][] =>
    shown.map((cache) => [{ cache: cache.cache }, value(cache)]);
  sheet.one('kleak_slab_caches_watched', 'Slab caches large enough to be followed.', cachesWatched);
  sheet.one('kleak_slab_caches_growing', 'Slab caches that grow; the fastest of them are listed.', growing.length);
  sheet.add(
    'kleak_slab_cache_bytes',
    'Pages that a growing slab cache holds.',
    of((c) => c.bytes),
  );
  sheet.add(
    'kleak_slab_cache_objects',
    'Objects of a growing slab cache that are in use.',
    of((c) => c.objects),
  );
  sheet.add(
    'kleak_slab_cache_growth_bytes_per_second',
    'How fast a slab cache grows.',
    of((c) => c.bytesPerSecond.value),
  );
  sheet.add(
    'kleak_slab_cache_growth_low_bytes_per_second',
    'How fast a slab cache grows at least (95 % interval).',
    of((c) => c.bytesPerSecond.low),
  );
}

function addVerdict(sheet: Sheet, { verdict }: HostMetrics): void {
  if (!verdict) return;
  sheet.add(
    'kleak_verdict',
    'What the last look at this host came to: 1 at the verdict that holds.',
    VERDICTS.map((one) => [{ verdict: one }, one === verdict.verdict ? 1 : 0]),
  );
  sheet.add('kleak_verdict_confidence_ratio', 'How sure the verdict is, and which layer it is about.', [
    [{ layer: verdict.layer }, verdict.confidence],
  ]);
  const { value, low, high } = verdict.bytesPerSecond ?? {};
  sheet.one('kleak_growth_bytes_per_second', 'How fast what the verdict is about grows.', value);
  sheet.one('kleak_growth_low_bytes_per_second', 'How fast it grows at least (95 % interval).', low);
  sheet.one('kleak_growth_high_bytes_per_second', 'How fast it grows at most (95 % interval).', high);
  sheet.one('kleak_exhaustion_timestamp_seconds', 'When memory is used up at that rate.', verdict.exhaustion);
  sheet.add(
    'kleak_finding_bytes',
    'Memory that a finding of a leak or of growth is about.',
    verdict.findings
      .slice(0, MOST_FINDINGS)
      .map(({ id, layer, subject, bytes }) => [{ finding: id, layer, subject }, bytes]),
  );
}

function addVersions(sheet: Sheet, kind: 'driver' | 'package', what: string, list: readonly Versioned[]): void {
  const most = kind === 'driver' ? MOST_DRIVERS : MOST_PACKAGES;
  sheet.add(
    `kleak_${kind}_info`,
    `Versions of ${what}.`,
    list.slice(0, most).map(({ name, version }) => [{ [kind]: name, version }, 1]),
  );
}

function addNodeNames(sheet: Sheet, { meminfo, pagesFreed, booted }: HostMetrics, which: 'clean' | 'all'): void {
  for (const name of [...CLEAN_NAMES, ...(which === 'all' ? OTHER_NAMES : [])])
    sheet.one(`node_memory_${name}_bytes`, `Memory information field ${name}_bytes.`, meminfo.get(name));
  sheet.one('node_vmstat_pgfree', '/proc/vmstat information field pgfree.', pagesFreed);
  sheet.one('node_boot_time_seconds', 'Node boot time, in unixtime.', booted);
}
