import type { TypeMember } from '../../base/type-graph.ts';
import { LayoutError } from './layout-error.ts';
import { type Scalar, scalarOf } from './scalar.ts';
import { nodeOf, sizeOfType, strip, type TypeRef } from './type-ref.ts';

/** Where a member lies. Bytes, from the start of the struct that was asked. */
export interface MemberLayout {
  readonly offset: number;
  /** Bytes the value takes; of a bit field, the bytes that its bits lie in. 0 for an array without a length. */
  readonly size: number;
  /** Only for bit fields: the lowest bit, counted from the lowest bit of the byte at `offset`. */
  readonly bitOffset?: number;
  readonly bitSize?: number;
  readonly type: TypeRef;
}

/**
 * One struct or union, its members by path: `oo.x`, `node[3]`, `lru.next`; those of anonymous members as in C. Kernels
 * rename members: `slab_list|lru` is the first of the two that there is.
 */
export class StructLayout {
  /** As it was asked for. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly type: TypeRef;
  readonly #members = new Map<string, MemberLayout | undefined>();
  readonly #scalars = new Map<string, Scalar | undefined>();

  /** `type` is a struct or union, or a name for one. */
  constructor(name: string, type: TypeRef) {
    this.name = name;
    this.type = strip(type);
    this.size = sizeOfType(this.type) ?? 0;
  }

  member(path: string): MemberLayout | undefined {
    const known = this.#members.get(path);
    if (known !== undefined || this.#members.has(path)) return known;
    let found: MemberLayout | undefined;
    for (const alternative of path.split('|')) found ??= findPath(this.type, alternative);
    this.#members.set(path, found);
    return found;
  }

  has(path: string): boolean {
    return this.member(path) !== undefined;
  }

  /** Like `member`, where a walk cannot go on without; throws LayoutError. */
  need(path: string): MemberLayout {
    const found = this.member(path);
    if (found === undefined) throw new LayoutError(`${this.name} has no member ${path}`);
    return found;
  }

  /** How to read a member as a number; undefined where it is none, or is not there. */
  scalar(path: string): Scalar | undefined {
    const known = this.#scalars.get(path);
    if (known !== undefined || this.#scalars.has(path)) return known;
    const member = this.member(path);
    const found = member && scalarOf(member);
    this.#scalars.set(path, found);
    return found;
  }

  /** Like `scalar`, where a walk cannot go on without; throws LayoutError. */
  needScalar(path: string): Scalar {
    const found = this.scalar(path);
    if (found !== undefined) return found;
    this.need(path);
    throw new LayoutError(`${this.name}.${path} is not a number`);
  }
}

const STEP = /\.?([A-Za-z_]\w*)|\[(\d+)\]/y;

function findPath(struct: TypeRef, path: string): MemberLayout | undefined {
  let at: MemberLayout = { offset: 0, size: sizeOfType(struct) ?? 0, type: struct };
  STEP.lastIndex = 0;
  let end = 0;
  while (end < path.length) {
    const [, name, index] = STEP.exec(path) ?? [];
    end = STEP.lastIndex;
    const next = name === undefined ? element(at, index) : findMember(strip(at.type), name, new Set());
    if (next === undefined) return undefined;
    at = { ...next, offset: at.offset + next.offset };
  }
  return at;
}

/** Arrays without a length, at the end of a struct, have any element. */
function element(array: MemberLayout, index: string | undefined): MemberLayout | undefined {
  const { graph, id } = strip(array.type);
  const node = graph.node(id);
  if (index === undefined || node.kind !== 'array') return undefined;
  const i = Number(index);
  if (node.count > 0 && i >= node.count) return undefined;
  const type = { graph, id: node.of };
  const size = sizeOfType(type);
  return size === undefined ? undefined : { offset: i * size, size, type };
}

/** `seen` keeps damaged types, that hold themselves, from going round. */
function findMember({ graph, id }: TypeRef, name: string, seen: Set<number>): MemberLayout | undefined {
  const node = graph.node(id);
  if ((node.kind !== 'struct' && node.kind !== 'union') || seen.has(id)) return undefined;
  seen.add(id);
  const own = node.members.find((member) => member.name === name);
  if (own) return memberLayout({ graph, id }, own);
  for (const member of node.members) {
    if (member.name !== '') continue;
    const inside = findMember(strip({ graph, id: member.type }), name, seen);
    if (inside) return { ...inside, offset: Math.floor(member.bitOffset / 8) + inside.offset };
  }
  return undefined;
}

/** A member as it lies in its struct. */
export function memberLayout({ graph }: TypeRef, member: TypeMember): MemberLayout {
  const type = { graph, id: member.type };
  const offset = Math.floor(member.bitOffset / 8);
  if (member.bitSize === undefined) return { offset, size: sizeOfType(type) ?? 0, type };
  const bitOffset = member.bitOffset % 8;
  return { offset, size: Math.ceil((bitOffset + member.bitSize) / 8), bitOffset, bitSize: member.bitSize, type };
}

/** The struct or union that a type names. */
export const isStruct = (type: TypeRef): boolean => {
  const { kind } = nodeOf(strip(type));
  return kind === 'struct' || kind === 'union';
};
