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
  /** What one holder alone keeps, by holder and cache: a variable, a module, an object, all processes together. */
  readonly holders: readonly ComparedHolder[];
  /** Of the caches that grew most, objects by what their content is. */
  readonly groups: readonly ComparedGroup[];
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

export interface ComparedHolder {
  /** `foo_queue of module foo`, `chrdevs`, `processes`. */
  readonly holder: string;
  /** A cache, or `pages`, `vmalloc areas`. */
  readonly of: string;
  readonly a: number;
  readonly b: number;
  readonly change: number;
  readonly aBytes: number;
  readonly bBytes: number;
  readonly changeBytes: number;
}

export interface ComparedGroup {
  readonly cache: string;
  /** `struct seq_operations, foo_show [foo]`; what can be told of it. */
  readonly what: string;
  readonly a: number;
  readonly b: number;
  readonly change: number;
  readonly changeBytes: number;
}
