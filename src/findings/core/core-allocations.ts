/** `kleak core allocations --json`: what each line of source has allocated and not freed, as /proc/allocinfo has it. */
export interface CoreAllocations {
  readonly bytes: number;
  readonly calls: number;
  /** Lines that have something in use, the most bytes first. */
  readonly sites: readonly CoreAllocationSite[];
  readonly problems: readonly string[];
}

export interface CoreAllocationSite {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly module?: string;
  readonly bytes: number;
  readonly calls: number;
  /** Of its struct alloc_tag, 16 hex digits. */
  readonly address: string;
}
