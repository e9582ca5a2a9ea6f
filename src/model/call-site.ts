import type { Provenance } from '../base/provenance.ts';
import type { Bytes } from '../base/units.ts';
import type { AllocationGroup, AllocationReport, Frame } from './snapshot.ts';

/** Who allocated, as far as a stack tells: the first frame that is not the allocator's own plumbing. */
export interface CallSite {
  /** Without compiler suffixes; the address where no symbol is known. */
  readonly function: string;
  readonly frame: Frame;
  readonly module?: string;
  /** The part of the kernel, where no module is named: `ipv6`, `jfs`, `block layer`. */
  readonly subsystem?: string;
  /** The plumbing between the allocator and the function, innermost first: `single_open`, `__alloc_skb`, `kstrdup`. */
  readonly through: readonly string[];
  /** The next meaningful functions outwards. */
  readonly callers: readonly string[];
  /** True where the type is made to be handed on (skb, bio, page, urb): who allocated need not be who forgot to free. */
  readonly passedOn?: true;
}

/** Allocations of one call site, whatever the stacks behind it. */
export interface CallSiteGroup {
  readonly site: CallSite;
  readonly detector: AllocationReport['detector'];
  readonly count: number;
  readonly bytes?: Bytes;
  readonly objectSize?: Bytes;
  readonly cache?: string;
  readonly area?: AllocationGroup['area'];
  /** page_owner: pages that the kernel may move; those of processes and of the page cache, not a driver's. */
  readonly movable?: boolean;
  readonly processes: readonly string[];
  /** How many different stacks. */
  readonly stacks: number;
  readonly samples: readonly string[];
  /** The first bytes of the first one, where the report has a hex dump. */
  readonly content?: Uint8Array;
  /** True where the report was cut: numbers are lower bounds. */
  readonly cut: boolean;
  readonly at: Provenance;
}
