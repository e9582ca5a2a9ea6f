/** A stretch of memory in a line of `rd`. */
export interface ShellMemoryRow {
  readonly address: string;
  /** Hexadecimal, in the order of memory. */
  readonly bytes: string;
  /** What each number leads to: a symbol, or a slab cache in brackets; undefined for a plain number. */
  readonly names?: readonly (string | undefined)[];
}

/** How the numbers of `rd` are written. */
export interface ShellNumbers {
  readonly size: 1 | 2 | 4 | 8;
  readonly base: 'hex' | 'signed' | 'unsigned';
  /** Whether characters stand behind. */
  readonly text: boolean;
}

/** A place that `search` found. */
export interface ShellHit {
  readonly address: string;
  /** As many hex digits as were searched for, or the text around. */
  readonly value: string;
  readonly isText: boolean;
}
