/** `kleak core compare A B --json`: two dumps, the largest change first. Sizes in bytes; changes are b less a. */
export interface CoreComparison {
  readonly a: string;
  readonly b: string;
  /** Of the same boot objects can be followed from one to the other; of the same build only counted. */
  readonly relation: 'same boot' | 'same build' | 'different kernels';
  /** Between the two, of the same boot. */
  readonly seconds?: number;
  readonly caches: readonly ComparedCache[];
  /** Pages by use. */
  readonly uses: readonly {
    readonly use: string;
    readonly aBytes: number;
    readonly bBytes: number;
    readonly changeBytes: number;
  }[];
  /** What nothing leads to, by what it is. */
  readonly lost: readonly {
    readonly what: string;
    readonly a: number;
    readonly b: number;
    readonly change: number;
    readonly changeBytes: number;
  }[];
}

export interface ComparedCache {
  readonly name: string;
  readonly aObjects: number;
  readonly bObjects: number;
  readonly changeObjects: number;
  readonly aBytes: number;
  readonly bBytes: number;
  readonly changeBytes: number;
  /** Of the same boot: objects of b that were in use at the same place in a already. */
  readonly survived?: number;
  /** Of those that are unreachable in b, how many were in use in a already: they are at least that old. */
  readonly lostSurvived?: number;
}
