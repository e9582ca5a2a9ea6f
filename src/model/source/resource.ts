/** What a kernel function hands out and another one takes back. */
export type ResourceKind = 'memory' | 'reference' | 'buffer' | 'pages' | 'object' | 'number' | 'mapping';

/** A family of functions that hand out the same kind of thing. */
export interface ResourceFamily {
  /** `kmalloc`, `of_node`. */
  readonly id: string;
  readonly kind: ResourceKind;
  /** For people: `memory`, `a reference on a device node`. */
  readonly noun: string;
  /** The function to name in a fix. */
  readonly partner: string;
  /** Where the memory is that is lost. */
  readonly layer: 'slab-unreclaimable' | 'slab-reclaimable' | 'vmalloc' | 'page-allocator' | 'percpu';
  /** The type of what is lost, where there is one. */
  readonly type?: string;
  /** What a function that nobody knows does with it: a reference is lent, memory may be kept. */
  readonly unknown: 'keeps' | 'borrows';
  /** Known from the function alone: what gives it back there. */
  readonly own?: string;
}
