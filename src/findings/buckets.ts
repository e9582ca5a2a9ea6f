import type { Layer } from './finding.ts';

/** How the buckets of the equation are called, and which layer each belongs to. */
export const BUCKETS: Readonly<Record<string, { readonly label: string; readonly layer: Layer }>> = {
  free: { label: 'free', layer: 'none' },
  'per-cpu-lists': { label: 'free, on per-CPU lists', layer: 'none' },
  processes: { label: 'processes', layer: 'user' },
  shmem: { label: 'shared memory', layer: 'shmem' },
  'page-cache': { label: 'page cache', layer: 'page-cache' },
  'swap-cache': { label: 'swap cache', layer: 'user' },
  'slab-reclaimable': { label: 'slab, flagged reclaimable', layer: 'slab-reclaimable' },
  'slab-unreclaimable': { label: 'slab, unreclaimable', layer: 'slab-unreclaimable' },
  vmalloc: { label: 'vmalloc', layer: 'vmalloc' },
  'kernel-stack': { label: 'kernel stacks', layer: 'kernel-stack' },
  'page-tables': { label: 'page tables', layer: 'page-tables' },
  percpu: { label: 'per-CPU memory', layer: 'percpu' },
  hugetlb: { label: 'huge pages', layer: 'hugetlb' },
  'other-kernel': { label: 'other kernel memory', layer: 'page-allocator' },
  balloon: { label: 'balloon, offline pages', layer: 'balloon' },
};
