import type { TypeGraph, TypeId, TypeNode } from '../../base/type-graph.ts';
import type { TypeRef } from '../../model/layouts/type-ref.ts';
import { fieldsOf, type Fields } from './struct-fields.ts';
import { TypeKeys } from './type-keys.ts';

/** A struct that an object may be. */
export interface StructType {
  /** Without `struct`; of a struct without a name that of its typedef. */
  readonly name: string;
  readonly ref: TypeRef;
  /** Bytes. */
  readonly size: number;
}

/** Ranges of sizes, in bytes: above the first, up to the second. */
export type SizeRange = readonly [above: number, upTo: number];

/**
 * Every struct of the kernel and its modules, by size and by the prototypes of the functions that its members point to.
 * Opening reads each struct once; what words a struct has is worked out when it is asked for.
 */
export class TypeCatalog {
  readonly keys: TypeKeys = new TypeKeys();
  /** By size. */
  readonly structs: readonly StructType[];
  readonly #byName = new Map<string, StructType>();
  readonly #fields = new Map<StructType, Fields>();
  /** Structs with a pointer to a function of a prototype at an offset, by both. */
  readonly #byFunction = new Map<string, StructType[]>();
  /** Structs that begin with another one, by its name. */
  readonly #beginWith = new Map<string, StructType[]>();
  readonly #membersOfKey = new Map<number, number>();
  #functionMembers = 0;

  constructor(graphs: readonly TypeGraph[]) {
    const [base] = graphs;
    const found: StructType[] = [];
    for (const graph of graphs) this.#collect(graph, graph === base || !base ? 0 : base.count, found);
    this.structs = found.toSorted((a, b) => a.size - b.size);
    for (const struct of this.structs) this.#index(struct);
  }

  /** The ids of a split graph go on from those of its base. */
  #collect(graph: TypeGraph, firstOwn: TypeId, into: StructType[]): void {
    const collect = (name: string, ref: TypeRef): void => {
      const known = this.#byName.get(name);
      const node = this.keys.node(ref);
      const size = node.kind === 'struct' || node.kind === 'union' ? node.size : 0;
      // The first of a name counts, a module's own only where its size tells it apart.
      if (name === '' || size === 0 || known?.size === size) return;
      const struct = { name, ref, size };
      if (!known) this.#byName.set(name, struct);
      into.push(struct);
    };
    for (const id of graph.all('struct')) {
      const node = id >= firstOwn ? this.keys.node({ graph, id }) : undefined;
      if (node?.kind === 'struct') collect(node.name, { graph, id });
    }
    for (const id of graph.all('typedef')) {
      const node = id >= firstOwn ? this.keys.node({ graph, id }) : undefined;
      if (node?.kind !== 'typedef') continue;
      const ref = this.keys.strip({ graph, id });
      const target = this.keys.node(ref);
      if (target.kind === 'struct' && target.name === '') collect(node.name, ref);
    }
  }

  #index(struct: StructType): void {
    const node = this.keys.node(struct.ref);
    if (node.kind !== 'struct') return;
    for (const { type, bitOffset, bitSize } of node.members) {
      if (bitSize !== undefined) continue;
      const value = this.keys.value(struct.ref.graph, type);
      if (value.kind === 'struct' && bitOffset === 0) add(this.#beginWith, nameOf(this.keys.node(value.ref)), struct);
      if (value.kind !== 'function') continue;
      this.#functionMembers++;
      this.#membersOfKey.set(value.key, (this.#membersOfKey.get(value.key) ?? 0) + 1);
      add(this.#byFunction, `${bitOffset >>> 3} ${value.key}`, struct);
    }
  }

  /** Structs that begin with one of a name, and those that begin with them. */
  beginningWith(name: string): readonly StructType[] {
    const found = new Set<StructType>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const struct of this.#beginWith.get(next) ?? []) {
        if (!found.has(struct)) waiting.push(struct.name);
        found.add(struct);
      }
    }
    return [...found];
  }

  find(name: string): StructType | undefined {
    return this.#byName.get(name);
  }

  fields(struct: StructType): Fields {
    let fields = this.#fields.get(struct);
    if (fields === undefined) this.#fields.set(struct, (fields = fieldsOf(this.keys, struct.ref, struct.size)));
    return fields;
  }

  ofSize([above, upTo]: SizeRange): readonly StructType[] {
    return this.structs.filter(({ size }) => size > above && size <= upTo);
  }

  /** Structs whose member at an offset points to functions of that prototype. */
  withFunction(offset: number, key: number): readonly StructType[] {
    return this.#byFunction.get(`${offset} ${key}`) ?? [];
  }

  /** Of all members that point to functions, the share with that prototype. */
  shareOfKey(key: number): number {
    return ((this.#membersOfKey.get(key) ?? 0) + 1) / (this.#functionMembers + 1);
  }
}

const nameOf = (node: TypeNode): string => ('name' in node ? node.name : '');

function add(to: Map<string, StructType[]>, key: string, struct: StructType): void {
  const known = to.get(key);
  if (known) known.push(struct);
  else if (key !== '') to.set(key, [struct]);
}
