/** `kleak core refs DUMP ADDRESS --json`: who points there. Addresses are 16 hex digits. */
export interface CoreRefs {
  readonly address: string;
  /** What lies there, and where it begins; absent where nothing that is looked after does. */
  readonly target?: CorePlace;
  /** At most `--limit` of them; `count` is all. */
  readonly referrers: readonly CoreReferrer[];
  readonly count: number;
  /** Whether any root leads there. */
  readonly reachable: boolean;
  /** The shortest way from a root: the root first, the target last; from a stack only where no other leads there. Empty where there is none. */
  readonly chain: readonly CoreReferrer[];
  /** What alone keeps it: without this one object, nothing but stacks would lead there. The nearest of them first. */
  readonly keptBy?: readonly CoreKeeper[];
}

export interface CoreReferrer {
  /** Of the word that points; absent for a field of a struct page and a register. */
  readonly address?: string;
  readonly inObject?: {
    readonly cache: string;
    readonly type?: string;
    readonly object: string;
    readonly offset: number;
  };
  readonly symbol?: string;
  /** `stack of 1 (init)`, `per-CPU memory`, `struct page or register`, `vmalloc area of load_module`. */
  readonly place?: string;
}

export type CorePlace = Omit<CoreReferrer, 'address'>;

export interface CoreKeeper extends CoreReferrer {
  /** What would be unreachable without it. */
  readonly objects: number;
  readonly bytes: number;
}
