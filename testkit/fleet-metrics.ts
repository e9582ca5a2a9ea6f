import type { FleetGrid, FleetHost } from '../src/model/fleet.ts';

/** A sample of node_exporter's or kleak's, as a made-up host would be scraped. */
export interface MetricSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By place of the grid; NaN where there is none. */
  readonly values: Float64Array;
}

/** What stock node_exporter says of a host: the equation's fields so that what is unexplained comes out as made. */
export function stockMetrics(host: FleetHost, grid: FleetGrid): readonly MetricSeries[] {
  const zero = new Float64Array(grid.count);
  const signal = (name: string): Float64Array => host.signals.get(name) ?? zero;
  const [unexplained, slab, vmalloc] = [signal('unexplained'), signal('SUnreclaim'), signal('vmalloc')];
  const [anon, cached, reclaimable] = [0.3, 0.2, 0.02].map((share) => share * host.totalBytes);
  const held = (anon ?? 0) + (cached ?? 0) + (reclaimable ?? 0);
  const present = (of: (i: number) => number): Float64Array =>
    unexplained.map((value, i) => (Number.isNaN(value) ? Number.NaN : Math.round(of(i))));
  const fields: Readonly<Record<string, Float64Array>> = {
    MemTotal: present(() => host.totalBytes),
    MemFree: present((i) => host.totalBytes - held - (unexplained[i] ?? 0) - (slab[i] ?? 0) - (vmalloc[i] ?? 0)),
    MemAvailable: present((i) =>
      Math.max(0.005 * host.totalBytes, host.totalBytes * 0.6 - (unexplained[i] ?? 0) - (slab[i] ?? 0)),
    ),
    Cached: present(() => cached ?? 0),
    Buffers: present(() => 0),
    AnonPages: present(() => anon ?? 0),
    SReclaimable: present(() => reclaimable ?? 0),
    SUnreclaim: present((i) => slab[i] ?? 0),
    VmallocUsed: present((i) => vmalloc[i] ?? 0),
    Percpu: present(() => 0),
  };
  const labels = { instance: `${host.name}:9100`, job: 'node' };
  const target = Object.fromEntries(TARGET.flatMap((name) => [[name, last(host, name)] as const]));
  return [
    ...Object.entries(fields).map(([field, values]) => ({
      name: `node_memory_${field}_bytes`,
      labels: { ...labels, ...target },
      values,
    })),
    { name: 'node_boot_time_seconds', labels: { ...labels, ...target }, values: bootTimes(host, grid) },
    ...infoSeries(host, grid, 'kernel', 'node_uname_info', (release) => ({ ...labels, release, machine: 'x86_64' })),
    ...infoSeries(host, grid, 'hardware', 'node_dmi_info', (product) => ({ ...labels, product_name: product })),
  ];
}

/** What `kleak export` adds. */
export function kleakMetrics(host: FleetHost, grid: FleetGrid): readonly MetricSeries[] {
  const labels = { instance: `${host.name}:9999`, job: 'kleak' };
  const unexplained = host.signals.get('unexplained') ?? new Float64Array(grid.count);
  return [
    { name: 'node_boot_time_seconds', labels, values: bootTimes(host, grid) },
    { name: 'kleak_memory_unexplained_bytes', labels, values: unexplained.map(Math.round) },
    {
      name: 'kleak_memory_total_bytes',
      labels,
      values: unexplained.map((v) => (Number.isNaN(v) ? v : host.totalBytes)),
    },
    {
      name: 'kleak_memory_bucket_bytes',
      labels: { ...labels, bucket: 'slab-unreclaimable' },
      values: (host.signals.get('SUnreclaim') ?? unexplained).map(Math.round),
    },
    ...infoSeries(host, grid, 'driver_i40e', 'kleak_driver_info', (version) => ({
      ...labels,
      driver: 'i40e',
      version,
    })),
    ...infoSeries(host, grid, 'package_agent', 'kleak_package_info', (version) => ({
      ...labels,
      package: 'agent',
      version,
    })),
  ];
}

const TARGET = ['role', 'datacenter'];

const last = (host: FleetHost, name: string): string => host.attributes.get(name)?.at(-1)?.value ?? '';

function bootTimes({ boots }: FleetHost, { start, step, count }: FleetGrid): Float64Array {
  const times = new Float64Array(count);
  let boot = start - 86_400 * 20;
  for (let i = 0; i < count; i++) {
    if (boots.includes(i)) boot = start + i * step - 600;
    times[i] = boot;
  }
  return times;
}

const infoSeries = (
  host: FleetHost,
  grid: FleetGrid,
  attribute: string,
  name: string,
  labels: (value: string) => Readonly<Record<string, string>>,
): readonly MetricSeries[] =>
  (host.attributes.get(attribute) ?? []).map(({ value, from, to }) => ({
    name,
    labels: labels(value),
    values: new Float64Array(grid.count).map((_, i) => (i >= from && i <= to ? 1 : Number.NaN)),
  }));

/** OpenMetrics, as `promtool tsdb create-blocks-from openmetrics` and VictoriaMetrics' import take it; families together. */
export function* openMetrics(series: readonly MetricSeries[], grid: FleetGrid): Generator<string> {
  for (const [name, family] of Map.groupBy(series, (one) => one.name)) {
    yield `# TYPE ${name} gauge\n`;
    for (const { labels, values } of family) {
      const said = Object.entries(labels)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',');
      const line = (value: number, i: number): string =>
        Number.isNaN(value) ? '' : `${name}{${said}} ${value} ${grid.start + i * grid.step}\n`;
      yield Array.from(values, line).join('');
    }
  }
  yield '# EOF\n';
}
