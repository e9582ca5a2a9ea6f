import type { KnownIssue } from '../issue.ts';

export const k0019: KnownIssue = {
  id: 'K-0019',
  title: 'Dying memory cgroups: removed ones live on while pages are charged to them',
  cause:
    'A removed memory cgroup stays in the kernel until the last page or object charged to it has gone. Page cache that others still read can hold it for ever. Each costs per-CPU memory and slab; nr_dying_descendants in cgroup.stat counts them.',
  fix: 'Reclaim what holds them: drop caches off-peak, or write to memory.reclaim of the parent. Objects no longer hold cgroups from 5.9 on; page cache still does in 6.12.',
  status: 'open',
  certainty: 'confirmed',
  references: [
    'https://blogs.oracle.com/linux/?p=2100',
    'https://lpc.events/event/19/contributions/2135',
    '9855609bde03',
  ],
  signature: {
    caches: ['mem_cgroup(?:_per_node)?'],
    logs: ['nr_dying_descendants [1-9]\\d{3}', 'dying memory cgroups'],
    layers: ['percpu', 'slab-unreclaimable'],
    weight: { identifies: [['logs']], suggests: [['caches', 'layers']] },
  },
  words: ['dying', 'zombie', 'cgroup', 'memcg', 'percpu', 'nr_dying_descendants 4200', 'mem_cgroup', 'offline'],
};
