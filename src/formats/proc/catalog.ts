import type { TextFormat } from '../text/text-format.ts';
import { arcstats, type Arcstats } from './arcstats.ts';
import { bcachefsBtreeCache, type BcachefsBtreeCache } from './bcachefs-btree-cache.ts';
import { boStats, type BoStats } from './bo-stats.ts';
import { bootId, type BootId } from './boot-id.ts';
import { buddyinfo, type BuddyinfoRow } from './buddyinfo.ts';
import { cgroupStat, type CgroupStat } from './cgroup-stat.ts';
import { cgroups, type CgroupsRow } from './cgroups.ts';
import { cmdline, type Cmdline } from './cmdline.ts';
import { dentryState, type DentryStateFile } from './dentry-state.ts';
import { hugepages, type HugepageValue } from './hugepages.ts';
import { loadavg, type Loadavg } from './loadavg.ts';
import { meminfo, type Meminfo } from './meminfo.ts';
import { memoryStat, type MemoryStat } from './memory-stat.ts';
import { modules, type ModulesRow } from './modules.ts';
import { nodeMeminfo, type NodeAmount } from './node-meminfo.ts';
import { numastat, type Numastat } from './numastat.ts';
import { pagetypeinfo, type Pagetypeinfo } from './pagetypeinfo.ts';
import { processStatus, type ProcessStatus } from './process-status.ts';
import { pssSum, type PssSum } from './pss-sum.ts';
import { slabinfo, type Slabinfo } from './slabinfo.ts';
import { slabLinks, type SlabLink } from './slab-links.ts';
import { slabValues, type SlabValue } from './slab-values.ts';
import { smaps, type Smaps } from './smaps.ts';
import { smapsRollup, type SmapsRollup } from './smaps-rollup.ts';
import { sockstat, type Sockstat } from './sockstat.ts';
import { splSlab, type SplCache } from './spl-slab.ts';
import { statm, type Statm } from './statm.ts';
import { uptime, type Uptime } from './uptime.ts';
import { version, type Version } from './version.ts';
import { vmallocinfo, type VmallocArea } from './vmallocinfo.ts';
import { vmstat, type Vmstat } from './vmstat.ts';
import { zoneinfo, type Zone } from './zoneinfo.ts';
import { zramMmStat, type ZramMmStat } from './zram-mm-stat.ts';

/** The formats of this family and what each holds once read. */
export interface ProcRecords {
  readonly meminfo: Meminfo;
  readonly slabinfo: Slabinfo;
  readonly vmstat: Vmstat;
  readonly buddyinfo: readonly BuddyinfoRow[];
  readonly pagetypeinfo: Pagetypeinfo;
  readonly zoneinfo: readonly Zone[];
  readonly vmallocinfo: readonly VmallocArea[];
  readonly smaps: Smaps;
  readonly smaps_rollup: SmapsRollup;
  readonly 'process-status': ProcessStatus;
  readonly statm: Statm;
  readonly cgroups: readonly CgroupsRow[];
  readonly 'cgroup-stat': CgroupStat;
  readonly 'memory-stat': MemoryStat;
  readonly 'dentry-state': DentryStateFile;
  readonly sockstat: Sockstat;
  readonly 'node-meminfo': readonly NodeAmount[];
  readonly numastat: Numastat;
  readonly modules: readonly ModulesRow[];
  readonly version: Version;
  readonly uptime: Uptime;
  readonly loadavg: Loadavg;
  readonly cmdline: Cmdline;
  readonly arcstats: Arcstats;
  readonly 'spl-slab': readonly SplCache[];
  readonly 'bo-stats': BoStats;
  readonly 'bcachefs-btree-cache': BcachefsBtreeCache;
  readonly 'slab-links': readonly SlabLink[];
  readonly 'slab-values': readonly SlabValue[];
  readonly hugepages: readonly HugepageValue[];
  readonly 'zram-mm-stat': ZramMmStat;
  readonly 'boot-id': BootId;
  readonly 'pss-sum': PssSum;
}

/**
 * In the order they are asked: those that share field names with meminfo before it, pagetypeinfo before buddyinfo,
 * numastat before vmstat, and what only the shape of a lone line tells at the end.
 */
export const procFormats: readonly { [K in keyof ProcRecords]: TextFormat<K, ProcRecords[K]> }[keyof ProcRecords][] = [
  slabinfo,
  splSlab,
  vmallocinfo,
  pagetypeinfo,
  buddyinfo,
  zoneinfo,
  nodeMeminfo,
  numastat,
  smapsRollup,
  smaps,
  processStatus,
  cgroupStat,
  memoryStat,
  meminfo,
  vmstat,
  cgroups,
  sockstat,
  modules,
  version,
  arcstats,
  boStats,
  bcachefsBtreeCache,
  slabLinks,
  slabValues,
  hugepages,
  dentryState,
  zramMmStat,
  statm,
  uptime,
  loadavg,
  cmdline,
  bootId,
  pssSum,
];
