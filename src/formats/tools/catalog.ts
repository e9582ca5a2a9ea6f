import type { TextFormat } from '../text/text-format.ts';
import { arcSummary } from './arc-summary.ts';
import { arcstat } from './arcstat.ts';
import { balloonStat } from './balloon-stat.ts';
import type { CacheRows } from './cache-row.ts';
import { dockerStats, kubectlTop, type ContainerUse } from './container-tables.ts';
import { crashKmemI, type CrashKmemI } from './crash-kmem-i.ts';
import { crashKmemS, drgnSlabs } from './crash-kmem-s.ts';
import { crashKmemSlabs, type CrashKmemSlabs } from './crash-kmem-slabs.ts';
import { crashOther, type CrashOther } from './crash-other.ts';
import { crashRd, type CrashRd } from './crash-rd.ts';
import { crashStruct, type CrashStructs } from './crash-struct.ts';
import { crashSym, type CrashSym } from './crash-sym.ts';
import { curlVersion } from './curl-version.ts';
import { dfTmpfs, type TmpfsUse } from './df-tmpfs.ts';
import { driverVersions } from './driver-versions.ts';
import { free, type Free } from './free.ts';
import { memoryTable, type MemoryTable } from './memory-table.ts';
import { ethtoolDriver, modinfo } from './modinfo.ts';
import { osRelease } from './os-release.ts';
import { packageList } from './package-list.ts';
import type { PoolRows } from './pool-row.ts';
import type { ProcessRows } from './process-rows.ts';
import { psRssSum, type ProcessSum } from './ps-rss-sum.ts';
import { ps } from './ps.ts';
import { slabDiff, type SlabDiff } from './slab-diff.ts';
import { slabtop, type Slabtop } from './slabtop.ts';
import { smemProcesses, type SmemProcesses } from './smem-processes.ts';
import { smem, type SmemAreas } from './smem.ts';
import { snapshotManifest, type SnapshotManifest } from './snapshot-manifest.ts';
import type { Stamp } from './stamp-line.ts';
import { stamp } from './stamp.ts';
import { top, type Top } from './top.ts';
import type { Versions } from './versions.ts';
import { vmstatSlabs } from './vmstat-slabs.ts';
import { vmstatTable, type VmstatTable } from './vmstat-table.ts';

/** The formats of this family and what each holds once read. */
export interface ToolRecords {
  readonly stamp: Stamp;
  readonly slabtop: Slabtop;
  readonly free: Free;
  readonly 'vmstat-table': VmstatTable;
  readonly 'vmstat-slabs': CacheRows;
  readonly ps: ProcessRows;
  readonly top: Top;
  readonly smem: SmemAreas;
  readonly 'smem-processes': SmemProcesses;
  readonly 'ps-rss-sum': ProcessSum;
  readonly 'df-tmpfs': TmpfsUse;
  readonly 'kubectl-top': ContainerUse;
  readonly 'docker-stats': ContainerUse;
  readonly 'drgn-slabs': CacheRows;
  readonly 'crash-kmem-i': CrashKmemI;
  readonly 'crash-kmem-slabs': CrashKmemSlabs;
  readonly 'crash-kmem-s': CacheRows;
  readonly 'crash-rd': CrashRd;
  readonly 'crash-sym': CrashSym;
  readonly 'crash-struct': CrashStructs;
  readonly 'crash-other': CrashOther;
  readonly 'slab-diff': SlabDiff;
  readonly 'memory-table': MemoryTable;
  readonly 'curl-version': Versions;
  readonly 'package-list': Versions;
  readonly modinfo: Versions;
  readonly 'ethtool-driver': Versions;
  readonly 'driver-versions': Versions;
  readonly 'os-release': Versions;
  readonly 'balloon-stat': PoolRows;
  readonly arcstat: PoolRows;
  readonly 'arc-summary': PoolRows;
  readonly 'snapshot-manifest': SnapshotManifest;
}

/** Object lists come before tables of caches, which begin alike; other crash commands come last of crash's. */
export const toolFormats: readonly { [K in keyof ToolRecords]: TextFormat<K, ToolRecords[K]> }[keyof ToolRecords][] = [
  snapshotManifest,
  drgnSlabs,
  crashKmemI,
  crashKmemSlabs,
  crashKmemS,
  crashRd,
  crashSym,
  crashStruct,
  crashOther,
  psRssSum,
  balloonStat,
  slabtop,
  free,
  vmstatTable,
  vmstatSlabs,
  top,
  ps,
  smem,
  smemProcesses,
  dfTmpfs,
  kubectlTop,
  dockerStats,
  arcstat,
  arcSummary,
  curlVersion,
  modinfo,
  ethtoolDriver,
  driverVersions,
  osRelease,
  packageList,
  slabDiff,
  memoryTable,
  stamp,
];
