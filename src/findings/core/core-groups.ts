/** `kleak core groups DUMP CACHE --json`: the objects in use of a cache by their content. Sizes in bytes. */
export interface CoreGroups {
  readonly cache: string;
  /** In use, those that could not be read left out. */
  readonly objects: number;
  /** The most objects first. */
  readonly groups: readonly CoreGroup[];
  /** Groups that were left out because they are small: fewer than ten objects, where there are larger ones. */
  readonly small: { readonly groups: number; readonly objects: number };
  /** Objects that are not in the dump, or of which it does not say whether they are in use; absent for none. */
  readonly unread?: number;
}

export interface CoreGroup {
  readonly objects: number;
  readonly bytes: number;
  /** Objects that something in memory leads to, and those that nothing does. */
  readonly reachable: number;
  readonly unreachable: number;
  /** `struct seq_operations`; absent unless exact. */
  readonly type?: string;
  /** `exact`: one struct explains the content; `ambiguous`: several do, see `candidates`; `unknown`: none does. */
  readonly typeConfidence: 'exact' | 'ambiguous' | 'unknown';
  /** Best first. */
  readonly candidates: readonly CoreTypeCandidate[];
  /** Structs of the kernel that an object of unknown type is built with. */
  readonly embedded: readonly { readonly offset: number; readonly type: string }[];
  readonly fields: readonly CoreField[];
  /** Addresses, 16 hex digits, spread over memory; of unreachable objects where there are some. */
  readonly samples: readonly string[];
  readonly owner?: CoreOwner;
}

export interface CoreTypeCandidate {
  readonly type: string;
  /** How much better than chance it explains the content, in natural logarithms. */
  readonly score: number;
  readonly evidence: readonly string[];
}

/** A word that all or most objects of a group have in common. */
export interface CoreField {
  readonly offset: number;
  readonly kind: string;
  /** Of the objects that were looked at, how many have it; absent for all. */
  readonly share?: number;
  /** 16 hex digits, where all have the same. */
  readonly value?: string;
  /** `single_start`, `init_net+0x10`, `show [module]`. */
  readonly symbol?: string;
  /** What it points to, where that is text of the kernel. */
  readonly text?: string;
  /** Of a pointer into a slab object: its cache. */
  readonly leadsTo?: string;
  readonly member?: string;
}

/** Whose code the objects name. */
export interface CoreOwner {
  /** `gone`: code that is no longer there, of a module that was unloaded. */
  readonly kind: 'module' | 'kernel' | 'gone';
  readonly module?: string;
  readonly function?: string;
  readonly variable?: string;
  /** Of code that is gone: modules that were unloaded and left their name; it may be of one of them. */
  readonly unloaded?: readonly string[];
}
