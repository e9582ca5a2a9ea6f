/**
 * What a dump has of one page frame. `zero`: the page was all zeros, and reads so. `excluded`: left out on purpose, its
 * bytes are unknown. `lost`: should be there and is not (an incomplete or damaged dump). `absent`: the machine has no such
 * page, or the dump does not know it.
 */
export type PageState = 'present' | 'zero' | 'excluded' | 'lost' | 'absent';

/** A stretch of a larger read that has no bytes; `target` holds zeros there. */
export interface Gap {
  /** From the start of the read, in bytes. */
  readonly offset: number;
  readonly length: number;
  readonly state: Exclude<PageState, 'present' | 'zero'>;
}

/** Frames by state, over the whole machine. */
export interface PageCounts {
  readonly present: number;
  readonly zero: number;
  readonly excluded: number;
  readonly lost: number;
}

/** Memory by physical address, whatever the container. Physical addresses are numbers: 52 bits are exact. */
export interface PhysicalMemory {
  /** Bytes in a page frame of the container; a power of two. */
  readonly pageSize: number;
  /** One beyond the last page frame that the container describes. */
  readonly endFrame: number;
  /** Without reading the page itself. */
  state(frame: number): PageState;
  /**
   * The bytes of one frame, zeros for `zero`; undefined where there are none to be had, and `state` says why. The view is
   * read only and valid until the next call.
   */
  page(frame: number): Uint8Array | undefined;
  /**
   * Fills `target` from a physical address on, any length, in one batch ordered by frame: descriptors first, then data.
   * What is not there is zeros in `target` and is returned as gaps, in order; no gaps: all of it was read.
   */
  read(address: number, target: Uint8Array): readonly Gap[];
  /** Counts without reading pages. */
  counts(): PageCounts;
}
