import { MEMINFO_FIELDS } from '../../analysis/fleet/node-equation.ts';

/** node_exporter's names of meminfo's fields, by field. */
const NODE_FIELDS: ReadonlyMap<string, string> = new Map(
  MEMINFO_FIELDS.map((field) => [
    field === 'HugePages_Total' ? `node_memory_${field}` : `node_memory_${field}_bytes`,
    field,
  ]),
);

export const fieldOf = (metric: string): string | undefined => NODE_FIELDS.get(metric);
export const BOOT_TIME = 'node_boot_time_seconds';
/** kleak's own exporter knows what meminfo alone does not. */
export const KLEAK_UNEXPLAINED = 'kleak_memory_unexplained_bytes';
export const KLEAK_TOTAL = 'kleak_memory_total_bytes';
export const KLEAK_AVAILABLE = 'kleak_memory_available_bytes';
export const KLEAK_BUCKET = 'kleak_memory_bucket_bytes';
export const KLEAK_CACHE = 'kleak_slab_cache_bytes';

/** Labels of metrics that say what a host is, and the attribute that each becomes. */
const INFO: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  node_uname_info: { release: 'kernel', machine: 'architecture' },
  kleak_build_info: { kernel: 'kernel' },
  node_os_info: { pretty_name: 'system' },
  node_dmi_info: { product_name: 'hardware', system_vendor: 'vendor', bios_version: 'BIOS' },
};
/** kleak's: the thing's name is in one label, its version in another. */
const VERSIONED: Readonly<Record<string, string>> = {
  kleak_driver_info: 'driver',
  kleak_module_info: 'module',
  kleak_package_info: 'package',
};

/** Attributes that one series of an info metric states. */
export function attributesOf(
  metric: string,
  labels: ReadonlyMap<string, string>,
): readonly (readonly [name: string, value: string])[] {
  const kind = VERSIONED[metric];
  if (kind !== undefined) {
    const [name, version] = [labels.get(kind) ?? labels.get('name'), labels.get('version')];
    return name === undefined || version === undefined ? [] : [[`${kind} ${name}`, version]];
  }
  return Object.entries(INFO[metric] ?? {}).flatMap(([label, name]) => {
    const value = labels.get(label);
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
}

/** Of labels that every series of a host carries, these say where it was read, not what it is. */
const NOT_ATTRIBUTES = new Set(['__name__', 'job', 'endpoint', 'prometheus', 'container', 'pod', 'uid']);
export const isTargetLabel = (label: string, hostLabel: string): boolean =>
  !NOT_ATTRIBUTES.has(label) && label !== hostLabel && label !== 'instance';

const METRICS = [
  ...NODE_FIELDS.keys(),
  BOOT_TIME,
  KLEAK_UNEXPLAINED,
  KLEAK_TOTAL,
  KLEAK_AVAILABLE,
  KLEAK_BUCKET,
  ...Object.keys(INFO),
  ...Object.keys(VERSIONED),
];

/** Everything of these hosts that the analysis looks at, in one query. */
export const selectHosts = (hostLabel: string, hosts: readonly string[]): string =>
  `{__name__=~"${METRICS.join('|')}",${matchHosts(hostLabel, hosts)}}`;

export const selectCaches = (hostLabel: string, hosts: readonly string[]): string =>
  `${KLEAK_CACHE}{${matchHosts(hostLabel, hosts)}}`;

/** Label values are hostile as any text: what is special in an expression or in a string is escaped. */
function matchHosts(hostLabel: string, hosts: readonly string[]): string {
  const values = hosts.map((host) => host.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return `${hostLabel}=~${JSON.stringify(values.join('|'))}`;
}

/** One host is often scraped at two ports, as node_exporter's and kleak's. */
export const hostName = (label: string): string => label.replace(/:\d+$/, '');
