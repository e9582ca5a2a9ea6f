import type { TypeGraph, TypeId, TypeNode } from '../../base/type-graph.ts';

/** A type and the graph that its number belongs to. */
export interface TypeRef {
  readonly graph: TypeGraph;
  readonly id: TypeId;
}

/** Steps through typedefs, qualifiers and nested arrays before types count as damaged; real ones take a handful. */
const MOST_STEPS = 64;

/** Bytes in a pointer: only 64-bit kernels are read. */
export const POINTER_SIZE = 8;

export const nodeOf = ({ graph, id }: TypeRef): TypeNode => graph.node(id);

/**
 * What is behind typedefs and qualifiers. A declaration is followed to the definition of that name, where its graph has
 * one. A circle ends as `other`.
 */
export function strip(ref: TypeRef): TypeRef {
  const { graph } = ref;
  let { id } = ref;
  for (let step = 0; step < MOST_STEPS; step++) {
    const node = graph.node(id);
    if (node.kind === 'forward') return { graph, id: graph.find(node.of, node.name) ?? id };
    if (!isNameOrQualifier(node)) return { graph, id };
    id = node.to;
  }
  return { graph, id: -1 };
}

const QUALIFIERS = ['typedef', 'const', 'volatile', 'restrict', 'tag'] as const;
type Qualifier = Extract<TypeNode, { readonly kind: (typeof QUALIFIERS)[number] }>;

const isNameOrQualifier = (node: TypeNode): node is Qualifier => QUALIFIERS.some((kind) => kind === node.kind);

/** Bytes that a value of this type takes; undefined where the types do not say: void, functions, declarations. */
export function sizeOfType(ref: TypeRef): number | undefined {
  let count = 1;
  let at = ref;
  for (let step = 0; step < MOST_STEPS; step++) {
    at = strip(at);
    const node = nodeOf(at);
    if (node.kind === 'pointer') return count * POINTER_SIZE;
    if (node.kind !== 'array') return 'size' in node ? count * node.size : undefined;
    count *= node.count;
    at = { graph: at.graph, id: node.of };
  }
  return undefined;
}
