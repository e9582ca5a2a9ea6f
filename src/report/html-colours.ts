import type { Layer } from '../findings/finding.ts';
import type { MemoryShare } from './memory-shares.ts';

/**
 * Okabe and Ito's palette, which survives the usual kinds of colour blindness; where it has too few, their tints. What
 * nobody explains is vermilion and hatched, so that it stands out in grey as well. The classes are in html-style.ts.
 */
const LAYER_CLASS: Readonly<Record<Layer, string>> = {
  'page-allocator': 'c-vermilion',
  'slab-unreclaimable': 'c-orange',
  'slab-reclaimable': 'c-yellow',
  user: 'c-blue',
  'page-cache': 'c-sky',
  shmem: 'c-green',
  vmalloc: 'c-purple',
  percpu: 'c-purple-2',
  'page-tables': 'c-green-2',
  'kernel-stack': 'c-blue-2',
  hugetlb: 'c-sky-2',
  balloon: 'c-orange-2',
  none: 'c-free',
};

export const layerClass = (layer: Layer): string => LAYER_CLASS[layer];

export const shareClass = ({ layer, kind }: MemoryShare): string => (kind === 'rest' ? 'c-rest' : layerClass(layer));
