import type { KnownIssue } from '../issue.ts';

export const k0034: KnownIssue = {
  id: 'K-0034',
  title: 'ZFS: the ARC is a cache that free and MemAvailable count as used',
  cause:
    "The ARC holds file data outside of the page cache: in pages of its own or in SPL's slabs, so /proc/meminfo does not call it cached and slabtop does not show all of it. It shrinks under pressure, sometimes too slowly.",
  fix: 'size and c_max in /proc/spl/kstat/zfs/arcstats (arc_summary) say how much. Set zfs_arc_max where programs need the room.',
  status: 'not-a-fault',
  certainty: 'confirmed',
  references: ['https://github.com/openzfs/zfs/issues/10255', 'https://github.com/openzfs/spl/issues/373'],
  signature: {
    modules: ['zfs'],
    pools: ['(?:arc|ARC|zfs_arc|abd_.*|zio_.*)'],
    layers: ['page-allocator', 'slab-unreclaimable', 'slab-reclaimable', 'vmalloc'],
    caches: ['abd_.*', 'zio_.*', 'arc_buf.*', 'dnode_t', 'dmu_buf_impl_t', 'zfs_znode_cache'],
    verdictHint: 'not-a-leak',
    weight: { identifies: [['modules', 'pools']], suggests: [['modules', 'layers'], ['caches']] },
  },
  words: ['zfs', 'arc', 'spl', 'arcstats', 'zfs_arc_max', 'abd_chunk', 'dnode_t'],
};
