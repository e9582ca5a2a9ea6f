import type { Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { ModulesRow } from '../../formats/proc/modules.ts';
import type { Amount, DentryState, Host, LoadedModule, SnapshotPart } from '../snapshot.ts';
import { gatherCaches } from './proc-caches.ts';
import { gatherCounters } from './proc-counters.ts';
import { gatherFreeLists } from './proc-free-lists.ts';
import { tellPageSize, USUAL_PAGE_SIZE } from './proc-page-size.ts';
import { gatherPools } from './proc-pools.ts';
import { gatherProcesses } from './proc-processes.ts';
import { gatherVmalloc } from './proc-vmalloc.ts';

/** What files of /proc and /sys contribute. `assumed` is the page size where the files do not tell it. */
export function gatherProc(sightings: readonly Sighting[], assumed: Bytes = USUAL_PAGE_SIZE): SnapshotPart {
  const told = tellPageSize(sightings);
  const pageSize = told ?? assumed;
  const host = gatherHost(sightings, told);
  return {
    host,
    counters: gatherCounters(sightings, pageSize),
    ...present('caches', gatherCaches(sightings, pageSize)),
    ...present('vmalloc', gatherVmalloc(sightings, pageSize)),
    ...present('dentryState', gatherDentryState(sightings, host.release)),
    ...gatherSingles(sightings, pageSize),
    freeLists: gatherFreeLists(sightings),
    processes: gatherProcesses(sightings, pageSize),
    pools: gatherPools(sightings),
    modules: gatherModules(ofKind(sightings, 'modules').flatMap((s) => s.value)),
    cgroups: (ofKind(sightings, 'cgroups')[0]?.value ?? []).map(({ controller, groups, at }) => ({
      name: controller,
      groups,
      at,
    })),
  };
}

const present = <K extends keyof SnapshotPart>(key: K, value: SnapshotPart[K] | undefined): SnapshotPart =>
  value === undefined ? {} : { [key]: value };

function gatherHost(sightings: readonly Sighting[], pageSize: Bytes | undefined): Host {
  const versions = ofKind(sightings, 'version').map((s) => s.value);
  const release = versions[0]?.release;
  const machine = versions.find((version) => version.machine !== undefined)?.machine;
  // Other files hold a lone UUID too, of the machine or of a disk.
  const boot = ofKind(sightings, 'boot-id').find((s) => s.file.endsWith('boot_id'))?.value.id;
  const name = versions.find((version) => version.host !== undefined)?.host;
  return {
    ...(release === undefined ? {} : { release }),
    ...(machine === undefined ? {} : { machine }),
    ...(name === undefined ? {} : { name }),
    ...(boot === undefined ? {} : { boot }),
    ...(pageSize === undefined ? {} : { pageSize }),
  };
}

/** The values that one short file gives. */
function gatherSingles(sightings: readonly Sighting[], pageSize: Bytes): SnapshotPart {
  const uptime = ofKind(sightings, 'uptime')[0]?.value;
  const sum = gatherPssSum(sightings);
  const sockets = ofKind(sightings, 'sockstat')[0]?.value;
  const loadavg = ofKind(sightings, 'loadavg')[0]?.value;
  const freed = ofKind(sightings, 'vmstat')[0]?.value.get('pgfree');
  const dying = ofKind(sightings, 'cgroup-stat')[0]?.value.dying;
  const tcp = gatherCounters(sightings, pageSize).get('TcpMem');
  return {
    ...(uptime ? { time: { seconds: uptime.sinceBoot, clock: 'boot' as const, at: uptime.at } } : {}),
    ...(sum ? { processSum: { pss: sum } } : {}),
    ...(freed ? { pagesFreed: { count: freed.count, at: freed.at } } : {}),
    ...(dying ? { dyingCgroups: dying } : {}),
    ...(loadavg ? { threads: { count: loadavg.tasks, at: loadavg.at } } : {}),
    ...(sockets?.used ? { sockets: { used: sockets.used, ...(tcp ? { tcpMemory: tcp } : {}) } } : {}),
  };
}

/**
 * A bare number is believed where it is the only one, or the only one whose file is called after it, and where it is no
 * more than there is memory.
 */
function gatherPssSum(sightings: readonly Sighting[]): Amount | undefined {
  const sums = ofKind(sightings, 'pss-sum');
  const [sum, ...others] = sums.length > 1 ? sums.filter((s) => /pss/i.test(s.file.split('/').at(-1) ?? '')) : sums;
  const total = ofKind(sightings, 'meminfo')[0]?.value.get('MemTotal');
  if (!sum || others.length > 0) return undefined;
  if (total?.kind === 'amount' && sum.value.pss > total.bytes) return undefined;
  return { bytes: sum.value.pss, at: sum.value.at };
}

/** Without both of its first counts the file says nothing; negative dentries only where they can be told from the dummy. */
function gatherDentryState(sightings: readonly Sighting[], release: string | undefined): DentryState | undefined {
  const state = ofKind(sightings, 'dentry-state')[0]?.value;
  if (state?.dentries === undefined || state.unused === undefined) return undefined;
  const counts = state.fifth > 0 || (release !== undefined && Number.parseInt(release, 10) >= 5);
  return {
    dentries: { count: state.dentries, at: state.at },
    unused: { count: state.unused, at: state.at },
    ...(counts ? { negative: { count: state.fifth, at: state.at } } : {}),
  };
}

/** Modules by name, from /proc/modules and lsmod; the one that shows taints stands. */
function gatherModules(rows: readonly ModulesRow[]): readonly LoadedModule[] {
  const modules = new Map<string, ModulesRow>();
  for (const row of rows) if (modules.get(row.name)?.taints === undefined) modules.set(row.name, row);
  return [...modules.values()].map(({ name, bytes, references, taints = '', at }) => ({
    name,
    bytes,
    ...(references === undefined ? {} : { references }),
    taints,
    at,
  }));
}
