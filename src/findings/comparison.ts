/** One thing that both sides have an amount of. */
export interface ComparedItem {
  readonly name: string;
  /** `holder`: of dumps, what one holder alone keeps of a cache. */
  readonly kind: 'cache' | 'bucket' | 'vmalloc' | 'pool' | 'holder';
  /** For people, where the name is not one: `page cache`. */
  readonly label?: string;
  readonly aBytes: number;
  readonly bBytes: number;
  /** b less a. */
  readonly changeBytes: number;
  readonly aObjects?: number;
  readonly bObjects?: number;
}

/** The document of `kleak compare`. */
export interface Comparison {
  readonly schema: 'kleak.comparison/1';
  readonly a: string;
  readonly b: string;
  /** Two moments of one host or two hosts, as far as the inputs tell. */
  readonly relation: 'moments' | 'hosts';
  /** Between two moments with times. */
  readonly seconds?: number;
  /** Why the two are hard to compare; empty where they are alike. */
  readonly unlike: readonly string[];
  /** Largest change first. */
  readonly differences: readonly ComparedItem[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}
