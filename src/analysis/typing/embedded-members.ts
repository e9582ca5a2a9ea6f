import type { TypeRef } from '../../model/layouts/type-ref.ts';
import type { TypeKeys, ValueType } from './type-keys.ts';

const DEEPEST = 16;

/** Names of the structs that begin at an offset of a struct, the outermost first; its own at offset 0. */
export function structsAt(keys: TypeKeys, struct: TypeRef, offset: number): readonly string[] {
  const names: string[] = [];
  const node = keys.node(struct);
  if (offset === 0 && 'name' in node && node.name !== '') names.push(node.name);
  descend(keys, struct, offset, names, 0);
  return names;
}

function descend(keys: TypeKeys, struct: TypeRef, offset: number, names: string[], depth: number): void {
  const node = keys.node(struct);
  if ((node.kind !== 'struct' && node.kind !== 'union') || depth > DEEPEST) return;
  for (const { type, bitOffset, bitSize } of node.members) {
    if (bitSize !== undefined) continue;
    const inside = elementAt(keys.value(struct.graph, type), offset - (bitOffset >>> 3));
    if (inside === undefined) continue;
    const name = keys.node(inside.ref);
    if (inside.offset === 0 && 'name' in name && name.name !== '') names.push(name.name);
    descend(keys, inside.ref, inside.offset, names, depth + 1);
  }
}

interface Inside {
  readonly ref: TypeRef;
  readonly offset: number;
}

/** The struct that an offset of a member lies in: the member, or an element of an array. */
function elementAt(value: ValueType, offset: number): Inside | undefined {
  if (value.kind === 'struct') return offset >= 0 && offset < value.size ? { ref: value.ref, offset } : undefined;
  if (value.kind !== 'array' || value.each === 0 || offset < 0 || offset >= value.each * value.count) return undefined;
  return elementAt(value.of, offset % value.each);
}

/** Which of the members of a union is meant; every one fits where nothing else is said. */
export type Fits = (value: ValueType) => boolean;

/** The path of the member at an offset: `hangup_work.func`, `node[3].next`; of unions the first that fits. */
export function pathAt(keys: TypeKeys, struct: TypeRef, offset: number, fits: Fits = () => true): string | undefined {
  const path = pathInside(keys, struct, offset, fits, 0);
  return path === undefined || path === '' ? undefined : path.replace(/^\./, '');
}

function pathInside(keys: TypeKeys, struct: TypeRef, offset: number, fits: Fits, depth: number): string | undefined {
  const node = keys.node(struct);
  if ((node.kind !== 'struct' && node.kind !== 'union') || depth > DEEPEST) return undefined;
  for (const { name, type, bitOffset } of node.members) {
    const at = offset - (bitOffset >>> 3);
    const value = keys.value(struct.graph, type);
    const path = at < 0 ? undefined : pathOfValue(keys, value, at, fits, depth);
    if (path !== undefined) return name === '' ? path : `.${name}${path}`;
  }
  return undefined;
}

function pathOfValue(keys: TypeKeys, value: ValueType, at: number, fits: Fits, depth: number): string | undefined {
  if (value.kind === 'struct') return at < value.size ? pathInside(keys, value.ref, at, fits, depth + 1) : undefined;
  if (value.kind === 'array') {
    const i = value.each === 0 ? value.count : Math.floor(at / value.each);
    const path = i < value.count ? pathOfValue(keys, value.of, at % value.each, fits, depth + 1) : undefined;
    return path === undefined ? undefined : `[${i}]${path}`;
  }
  return at < sizeOfValue(value) && fits(value) ? '' : undefined;
}

const sizeOfValue = (value: Exclude<ValueType, { readonly kind: 'struct' | 'array' }>): number =>
  value.kind === 'text' ? value.size : 1;
