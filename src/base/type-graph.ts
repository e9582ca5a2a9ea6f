/** A type's number inside its graph; 0 is void. A port: BTF and DWARF fill it, layouts are read out of it. */
export type TypeId = number;

export interface TypeMember {
  /** Empty for an anonymous struct or union, whose members count as those of what holds it. */
  readonly name: string;
  /** From the start of the struct, in bits. */
  readonly bitOffset: number;
  /** Only for bit fields: their width. */
  readonly bitSize?: number;
  readonly type: TypeId;
}

export interface TypeParameter {
  readonly name: string;
  readonly type: TypeId;
}

export interface EnumValue {
  readonly name: string;
  readonly value: bigint;
}

/** One C type, as BTF and DWARF both can say it. Sizes in bytes. */
export type TypeNode =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'int';
      readonly name: string;
      readonly size: number;
      readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool';
    }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | { readonly kind: 'pointer'; readonly to: TypeId }
  | { readonly kind: 'array'; readonly of: TypeId; readonly count: number }
  | {
      readonly kind: 'struct' | 'union';
      readonly name: string;
      readonly size: number;
      readonly members: readonly TypeMember[];
    }
  | { readonly kind: 'enum'; readonly name: string; readonly size: number; readonly values: readonly EnumValue[] }
  /** Declared, never defined here. */
  | { readonly kind: 'forward'; readonly name: string; readonly of: 'struct' | 'union' | 'enum' }
  | { readonly kind: 'typedef' | 'const' | 'volatile' | 'restrict' | 'tag'; readonly name: string; readonly to: TypeId }
  | {
      readonly kind: 'prototype';
      readonly returns: TypeId;
      readonly parameters: readonly TypeParameter[];
      readonly variadic: boolean;
    }
  | { readonly kind: 'function'; readonly name: string; readonly prototype: TypeId }
  | { readonly kind: 'variable'; readonly name: string; readonly type: TypeId }
  /** What a reader of the format does not need: data sections, declaration tags. */
  | { readonly kind: 'other' };

/** What can be looked up by name. */
export type NamedKind = 'struct' | 'union' | 'enum' | 'typedef' | 'int' | 'function' | 'variable';

/**
 * The types of one kernel (base) or of one module on top of it (split), decoded on demand: opening it must not cost more
 * than an index. Numbers of a split graph go on from those of its base.
 */
export interface TypeGraph {
  /** For people: `BTF of the dump`, `DWARF of vmlinux`. */
  readonly source: string;
  /** How many types are known, those of the base included. Of BTF every one, of DWARF those with a name, once each. */
  readonly count: number;
  /** The node of an id; `other` for ids that do not exist, so that damage cannot throw. */
  node(id: TypeId): TypeNode;
  /** The first definition of that name; a forward declaration is none. */
  find(kind: NamedKind, name: string): TypeId | undefined;
  /** Every definition of a kind; of a split graph its own first. */
  all(kind: NamedKind): Iterable<TypeId>;
  /** The value of an enumeration constant, whatever its enum is called: `PG_slab`. */
  constant(name: string): bigint | undefined;
}
