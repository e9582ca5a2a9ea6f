import type { TypeGraph, TypeId, TypeNode } from '../../base/type-graph.ts';
import { sizeOfType, type TypeRef } from '../../model/layouts/type-ref.ts';

/** What a pointer of a member points to, as far as a dump can show it. */
export type PointedTo =
  /** By name; the empty name is that of structs without one. */
  | { readonly kind: 'struct'; readonly name: string }
  | { readonly kind: 'text' }
  | { readonly kind: 'void' }
  | { readonly kind: 'other' };

/** A type as it matters for what its bytes may hold. Sizes in bytes. */
export type ValueType =
  /** A pointer to a function; `key` stands for its prototype. */
  | { readonly kind: 'function'; readonly key: number }
  | { readonly kind: 'pointer'; readonly to: PointedTo }
  | { readonly kind: 'number'; readonly size: number }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'struct'; readonly ref: TypeRef; readonly size: number }
  | { readonly kind: 'array'; readonly of: ValueType; readonly each: number; readonly count: number }
  | { readonly kind: 'other'; readonly size: number };

/** Nested deeper than any real prototype: functions that take functions that take functions. */
const DEEPEST = 6;
/** Typedefs of typedefs; damaged types go round. */
const MOST_STEPS = 64;

/**
 * Types compared by structure, across the numbers of several graphs: a function carries names of its parameters and a
 * member does not, so that one prototype has many numbers. Typedefs and qualifiers do not count, names of structs do.
 */
export class TypeKeys {
  readonly #keys = new Map<string, number>();
  readonly #nodes = new Map<TypeGraph, Map<TypeId, TypeNode>>();
  readonly #prototypes = new Map<TypeGraph, Map<TypeId, number>>();
  readonly #values = new Map<TypeGraph, Map<TypeId, ValueType>>();

  /** What stands behind a number; structs are decoded once, and looked at again and again. */
  node({ graph, id }: TypeRef): TypeNode {
    const known = inner(this.#nodes, graph);
    let node = known.get(id);
    if (node === undefined) known.set(id, (node = graph.node(id)));
    return node;
  }

  /** What is behind typedefs and qualifiers, as `strip` has it. */
  strip({ graph, id }: TypeRef): TypeRef {
    let at = id;
    for (let step = 0; step < MOST_STEPS; step++) {
      const node = this.node({ graph, id: at });
      if (node.kind === 'forward') return { graph, id: graph.find(node.of, node.name) ?? at };
      if (!isAnotherName(node)) return { graph, id: at };
      at = node.to;
    }
    return { graph, id: -1 };
  }

  /** The key of a prototype; the same number for the same structure. */
  prototype(graph: TypeGraph, id: TypeId): number {
    const known = inner(this.#prototypes, graph);
    let key = known.get(id);
    if (key === undefined) {
      const text = this.#spell({ graph, id }, 0);
      key = this.#keys.get(text) ?? this.#keys.size + 1;
      this.#keys.set(text, key);
      known.set(id, key);
    }
    return key;
  }

  value(graph: TypeGraph, id: TypeId): ValueType {
    const known = inner(this.#values, graph);
    let value = known.get(id);
    if (value === undefined) {
      value = this.#valueOf(graph, id);
      known.set(id, value);
    }
    return value;
  }

  #valueOf(graph: TypeGraph, id: TypeId): ValueType {
    const ref = this.strip({ graph, id });
    const node = this.node(ref);
    if (node.kind === 'pointer') return this.#pointer(graph, node.to);
    if (node.kind === 'struct' || node.kind === 'union') return { kind: 'struct', ref, size: node.size };
    if (node.kind === 'int' || node.kind === 'enum') return { kind: 'number', size: node.size };
    if (node.kind !== 'array') return { kind: 'other', size: sizeOfType(ref) ?? 0 };
    const each = sizeOfType({ graph, id: node.of }) ?? 0;
    const of = this.value(graph, node.of);
    if (of.kind === 'number' && of.size === 1) return { kind: 'text', size: node.count };
    return { kind: 'array', of, each, count: node.count };
  }

  /** Short, and the same for types that C takes for the same. */
  #spell(type: TypeRef, depth: number): string {
    const { graph, id } = this.strip(type);
    const node = this.node({ graph, id });
    if (depth > DEEPEST) return '…';
    const inside = (to: TypeId): string => this.#spell({ graph, id: to }, depth + 1);
    if (node.kind === 'void') return 'v';
    if (node.kind === 'pointer') return `*${inside(node.to)}`;
    if (node.kind === 'array') return `${inside(node.of)}[${node.count}]`;
    if (node.kind === 'prototype')
      return `(${node.parameters.map((p) => inside(p.type)).join()}${node.variadic ? '…' : ''})${inside(node.returns)}`;
    // What has no name is the same as itself alone.
    return 'name' in node && node.name !== '' ? node.name : `#${graph.source} ${id}`;
  }

  #pointer(graph: TypeGraph, to: TypeId): ValueType {
    const target = this.strip({ graph, id: to });
    const node = this.node(target);
    if (node.kind === 'prototype') return { kind: 'function', key: this.prototype(graph, target.id) };
    return { kind: 'pointer', to: pointedTo(node) };
  }
}

function pointedTo(node: TypeNode): PointedTo {
  if (node.kind === 'struct' || node.kind === 'union') return { kind: 'struct', name: node.name };
  if (node.kind === 'forward') return { kind: 'struct', name: node.name };
  if (node.kind === 'void') return { kind: 'void' };
  return { kind: node.kind === 'int' && node.size === 1 ? 'text' : 'other' };
}

function inner<K, V>(maps: Map<TypeGraph, Map<K, V>>, graph: TypeGraph): Map<K, V> {
  let found = maps.get(graph);
  if (found === undefined) maps.set(graph, (found = new Map<K, V>()));
  return found;
}

type AnotherName = Extract<TypeNode, { readonly kind: 'typedef' | 'const' | 'volatile' | 'restrict' | 'tag' }>;

const isAnotherName = (node: TypeNode): node is AnotherName =>
  node.kind === 'typedef' ||
  node.kind === 'const' ||
  node.kind === 'volatile' ||
  node.kind === 'restrict' ||
  node.kind === 'tag';
