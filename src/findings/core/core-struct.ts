/** `kleak core struct DUMP TYPE ADDRESS --json`: a struct in memory. Addresses are 16 hex digits, sizes and offsets bytes. */
export interface CoreStruct {
  /** `struct kmem_cache`, `atomic_t`. */
  readonly type: string;
  readonly address: string;
  readonly size: number;
  /** All of them, or those that were asked for. */
  readonly members: readonly CoreMember[];
}

export interface CoreMember {
  /** A path where a path was asked for; empty for an anonymous struct or union. */
  readonly name: string;
  /** As C writes it: `struct list_head *`. */
  readonly type: string;
  /** From the start of the struct that was asked for. */
  readonly offset: number;
  /** Of a bit field: its lowest bit, from that of the byte at `offset`. */
  readonly bitOffset?: number;
  readonly bitSize?: number;
  readonly value: CoreValue;
}

export type CoreValue =
  /** Decimal digits where a number would not be exact. */
  | { readonly kind: 'number'; readonly value: number | string }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** Without `constant` where the value is none of the enum's. */
  | { readonly kind: 'enum'; readonly value: number | string; readonly constant?: string }
  /** `text` where it leads to one. */
  | { readonly kind: 'pointer'; readonly value: string; readonly symbol?: string; readonly text?: string }
  | { readonly kind: 'text'; readonly text: string }
  /** An array without a length: where it begins. */
  | { readonly kind: 'place'; readonly value: string; readonly symbol?: string }
  | { readonly kind: 'array'; readonly count: number; readonly elements: readonly CoreElement[] }
  | { readonly kind: 'struct'; readonly members: readonly CoreMember[] }
  /** Hexadecimal, in the order of memory: floating point, 128 bits. */
  | { readonly kind: 'bytes'; readonly bytes: string }
  | { readonly kind: 'unreadable'; readonly because: string };

export interface CoreElement {
  /** As many elements in a row have this value; absent for one. Elements beyond the last were left out. */
  readonly times?: number;
  readonly value: CoreValue;
}

/** `kleak core struct DUMP TYPE --json`: how a struct is laid out. */
export interface CoreLayout {
  readonly type: string;
  readonly kind: 'struct' | 'union';
  readonly size: number;
  readonly members: readonly CoreLayoutMember[];
}

export interface CoreLayoutMember {
  readonly name: string;
  /** As C declares it, without the semicolon: `void (*ctor)(void *)`, `unsigned int inuse : 16`. */
  readonly declaration: string;
  readonly offset: number;
  readonly bitOffset?: number;
  readonly bitSize?: number;
  /** Of a struct or union that has no name of its own. */
  readonly inside?: { readonly kind: 'struct' | 'union'; readonly members: readonly CoreLayoutMember[] };
}
