import type { EnumValue, NamedKind, TypeGraph, TypeNode } from '../../base/type-graph.ts';
import { LayoutError } from './layout-error.ts';
import { compilerName } from './spell-type.ts';
import { isStruct, type MemberLayout, StructLayout } from './struct-layout.ts';
import { nodeOf, sizeOfType, strip, type TypeRef } from './type-ref.ts';

export type Prototype = Extract<TypeNode, { readonly kind: 'prototype' }>;

/** Any kind that a bare name may mean, in the order in which it is tried. */
const BARE = ['struct', 'union', 'typedef', 'enum', 'int'] as const;
const TAGGED = /^(struct|union|enum)\s+(\w+)$/;

/**
 * The types of one machine: those of the kernel first, then those of its modules. Everything found, and everything not
 * found, is remembered. Ask whether a member is there, never which kernel it is.
 */
export class Layouts {
  readonly graphs: readonly TypeGraph[];
  readonly #types = new Map<string, TypeRef | undefined>();
  readonly #structs = new Map<string, StructLayout | undefined>();
  readonly #byId = new Map<TypeGraph, Map<number, StructLayout | undefined>>();
  readonly #constants = new Map<string, bigint | undefined>();

  constructor(graphs: readonly TypeGraph[]) {
    this.graphs = graphs;
  }

  /** `kmem_cache`, `struct kmem_cache`, `spinlock_t`, `enum pageflags`, `unsigned long`. */
  type(name: string): TypeRef | undefined {
    if (this.#types.has(name)) return this.#types.get(name);
    const [, tag, tagged] = TAGGED.exec(name) ?? [];
    const kinds = tag === undefined ? BARE : BARE.filter((kind) => kind === tag);
    let found: TypeRef | undefined;
    for (const kind of kinds) found ??= this.#find(kind, tagged ?? compilerName(name));
    this.#types.set(name, found);
    return found;
  }

  /** A struct or union, by its name or that of a typedef. */
  struct(name: string): StructLayout | undefined {
    if (this.#structs.has(name)) return this.#structs.get(name);
    const type = this.type(name);
    const found = type && isStruct(type) ? new StructLayout(name, type) : undefined;
    this.#structs.set(name, found);
    return found;
  }

  /** The struct or union that a member is of; undefined for what is none. */
  structOf(type: TypeRef): StructLayout | undefined {
    const { graph, id } = strip(type);
    let known = this.#byId.get(graph);
    if (known === undefined) this.#byId.set(graph, (known = new Map<number, StructLayout | undefined>()));
    if (known.has(id)) return known.get(id);
    const node = graph.node(id);
    const name = 'name' in node && node.name !== '' ? node.name : '(anonymous)';
    const found = isStruct({ graph, id }) ? new StructLayout(name, { graph, id }) : undefined;
    known.set(id, found);
    return found;
  }

  /** Like `struct`, where a walk cannot go on without; throws LayoutError. */
  needStruct(name: string): StructLayout {
    const found = this.struct(name);
    if (found === undefined) throw new LayoutError(`the types have no struct ${name}`);
    return found;
  }

  /** In bytes. */
  sizeOf(name: string): number | undefined {
    const type = this.type(name);
    return type && sizeOfType(type);
  }

  has(struct: string, path: string): boolean {
    return this.member(struct, path) !== undefined;
  }

  member(struct: string, path: string): MemberLayout | undefined {
    return this.struct(struct)?.member(path);
  }

  /** The first of several paths that there is; kernels rename members. */
  firstOf(struct: string, paths: readonly string[]): MemberLayout | undefined {
    return this.member(struct, paths.join('|'));
  }

  /** The value of a constant, whatever its enum is called. */
  enumValue(constant: string): bigint | undefined {
    if (this.#constants.has(constant)) return this.#constants.get(constant);
    let found: bigint | undefined;
    for (const graph of this.graphs) found ??= graph.constant(constant);
    this.#constants.set(constant, found);
    return found;
  }

  /** The constants of an enum or of a typedef for one; empty where there is none. */
  enumValues(name: string): readonly EnumValue[] {
    const type = this.#find('enum', name) ?? this.#find('typedef', name);
    const node = type && nodeOf(strip(type));
    return node?.kind === 'enum' ? node.values : [];
  }

  /** Of a function of the kernel or of a module. Parameter types are numbers of `graph`. */
  prototype(functionName: string): { readonly graph: TypeGraph; readonly prototype: Prototype } | undefined {
    const found = this.#find('function', functionName);
    const node = found && nodeOf(found);
    if (node?.kind !== 'function') return undefined;
    const prototype = found?.graph.node(node.prototype);
    return found && prototype?.kind === 'prototype' ? { graph: found.graph, prototype } : undefined;
  }

  /** The type of a global variable. BTF has those of per-CPU variables only. */
  variable(name: string): TypeRef | undefined {
    const found = this.#find('variable', name);
    const node = found && nodeOf(found);
    return found && node?.kind === 'variable' ? { graph: found.graph, id: node.type } : undefined;
  }

  #find(kind: NamedKind, name: string): TypeRef | undefined {
    for (const graph of this.graphs) {
      const id = graph.find(kind, name);
      if (id !== undefined) return { graph, id };
    }
    return undefined;
  }
}
