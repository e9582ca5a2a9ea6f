import { cgroupRemnants } from './cgroups/cgroup-remnants.ts';
import { allAccounted } from './general/all-accounted.ts';
import { deadTasks } from './dump/dead-tasks.ts';
import { dyingCgroups } from './dump/dying-cgroups.ts';
import { heldGrowth } from './dump/held-growth.ts';
import { heldNames } from './dump/held-names.ts';
import { heldSockets } from './dump/held-sockets.ts';
import { lostObjects } from './dump/lost-objects.ts';
import { nothingLost } from './dump/nothing-lost.ts';
import { lostPercpu } from './dump/lost-percpu.ts';
import { lostPages } from './dump/lost-pages.ts';
import { processHolds } from './dump/process-holds.ts';
import { unbalancedCounts } from './dump/unbalanced-counts.ts';
import { layerGrowth } from './general/layer-growth.ts';
import { layerLarge } from './general/layer-large.ts';
import { partialSeries } from './general/partial-series.ts';
import { twinDifference } from './general/twin-difference.ts';
import { kernelComplaints } from './logs/kernel-complaints.ts';
import { killUnexplained } from './logs/kill-unexplained.ts';
import { killWithoutShortage } from './logs/kill-without-shortage.ts';
import { kmemleakState } from './logs/kmemleak-state.ts';
import { lostReferences } from './logs/lost-references.ts';
import { hugePages } from './pages/huge-pages.ts';
import { managedPools } from './pages/pools.ts';
import { unexplainedPages } from './pages/unexplained.ts';
import { vmallocUsers } from './pages/vmalloc-users.ts';
import { allocationProfile } from './reports/allocation-profile.ts';
import { callSiteGrowth } from './reports/call-site-growth.ts';
import { detectorReport } from './reports/detector-report.ts';
import { reportSeries } from './logs/report-series.ts';
import { dumpedObjects } from './reports/dumped-objects.ts';
import { outstandingAllocations } from './reports/outstanding-allocations.ts';
import { slabTraces } from './reports/slab-traces.ts';
import type { AnyRule } from './rule.ts';
import { cacheGrowth } from './slab/cache-growth.ts';
import { fragmentedCache } from './slab/fragmented-cache.ts';
import { halfEmptySlab } from './slab/half-empty-slab.ts';
import { largeKmalloc } from './slab/large-kmalloc.ts';
import { listedDifference } from './slab/listed-difference.ts';
import { lockstepCaches } from './slab/lockstep.ts';
import { negativeDentries } from './slab/negative-dentries.ts';
import { networkBuffers } from './slab/network-buffers.ts';
import { openSockets } from './slab/open-sockets.ts';
import { outsizedCache } from './slab/outsized-cache.ts';
import { pinnedSockets } from './slab/pinned-sockets.ts';
import { questionedCache } from './slab/questioned-cache.ts';
import { reclaimableSlab } from './slab/reclaimable-slab.ts';
import { zfsCaches } from './slab/zfs-caches.ts';
import { kernelBeyondCaches } from './user/kernel-beyond-caches.ts';
import { pageCache } from './user/page-cache.ts';
import { userProcesses } from './user/processes.ts';
import { sharedMemory } from './user/shared-memory.ts';
import { unevictable } from './user/unevictable.ts';
import { usedBeyondProcesses } from './user/used-beyond-processes.ts';

/** Every rule, in the order that decides between findings of equal weight. A rule that is not listed does not run. */
export const rules: readonly AnyRule[] = [
  kernelComplaints,
  lostReferences,
  dumpedObjects,
  lostObjects,
  unbalancedCounts,
  lostPages,
  lostPercpu,
  heldGrowth,
  deadTasks,
  detectorReport,
  pinnedSockets,
  openSockets,
  cacheGrowth,
  callSiteGrowth,
  unexplainedPages,
  layerGrowth,
  twinDifference,
  dyingCgroups,
  cgroupRemnants,
  lockstepCaches,
  networkBuffers,
  outsizedCache,
  listedDifference,
  largeKmalloc,
  vmallocUsers,
  layerLarge,
  slabTraces,
  outstandingAllocations,
  partialSeries,
  reportSeries,
  killWithoutShortage,
  killUnexplained,
  processHolds,
  heldNames,
  heldSockets,
  negativeDentries,
  hugePages,
  managedPools,
  zfsCaches,
  unevictable,
  userProcesses,
  pageCache,
  reclaimableSlab,
  sharedMemory,
  allocationProfile,
  fragmentedCache,
  halfEmptySlab,
  kmemleakState,
  usedBeyondProcesses,
  kernelBeyondCaches,
  questionedCache,
  nothingLost,
  allAccounted,
];
