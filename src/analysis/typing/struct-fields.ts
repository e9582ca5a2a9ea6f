import type { TypeNode } from '../../base/type-graph.ts';
import type { TypeRef } from '../../model/layouts/type-ref.ts';
import type { PointedTo, TypeKeys, ValueType } from './type-keys.ts';

/** What may stand in one word of a struct. */
export type Field =
  | { readonly kind: 'function'; readonly key: number }
  /** `head`: of the pointers of a list head or node, where that begins in the struct. */
  | { readonly kind: 'pointer'; readonly to: PointedTo; readonly head?: number }
  /** A number of eight bytes, in which some keep an address. */
  | { readonly kind: 'long' }
  /** Smaller numbers. */
  | { readonly kind: 'numbers' }
  | { readonly kind: 'text' }
  /** A number or an address, with flags in the lowest bits: the parent of a red-black node, the data of a work. */
  | { readonly kind: 'tagged' };

/** By word; of unions all that may stand there. Words of padding have none. */
export type Fields = readonly (readonly Field[])[];

/** Larger structs are looked at so far, in words. */
const MOST_WORDS = 1536;
const DEEPEST = 24;

/** Longs that hold a pointer and flags; by struct, always its first word. */
const TAGGED: ReadonlySet<string> = new Set(['rb_node', 'work_struct', 'mutex', 'rw_semaphore']);
const LISTS: ReadonlySet<string> = new Set(['list_head', 'hlist_node']);

export function fieldsOf(keys: TypeKeys, struct: TypeRef, bytes: number): Fields {
  const words: Field[][] = Array.from({ length: Math.min(MOST_WORDS, Math.ceil(bytes / 8)) }, () => []);
  place(keys, words, { kind: 'struct', ref: struct, size: bytes }, 0, 0);
  return words;
}

function place(keys: TypeKeys, words: Field[][], type: ValueType, offset: number, depth: number): void {
  const word = words[offset >>> 3];
  if (word === undefined || depth > DEEPEST) return;
  switch (type.kind) {
    case 'struct':
      return placeMembers(keys, words, type.ref, offset, depth);
    case 'array':
      return placeElements(keys, words, type, offset, depth);
    case 'text':
      for (const at of words.slice(offset >>> 3, Math.ceil((offset + type.size) / 8))) at.push(TEXT);
      return;
    case 'function':
    case 'pointer':
      if (offset % 8 === 0) word.push(type);
      return;
    case 'number':
      word.push(type.size === 8 ? LONG : NUMBERS);
      return;
    case 'other':
      if (type.size > 0) word.push(NUMBERS);
  }
}

type ArrayType = Extract<ValueType, { readonly kind: 'array' }>;

function placeElements(keys: TypeKeys, words: Field[][], array: ArrayType, offset: number, depth: number): void {
  if (array.each === 0) return;
  const count = Math.min(array.count, Math.ceil((words.length * 8 - offset) / array.each));
  for (let i = 0; i < count; i++) place(keys, words, array.of, offset + i * array.each, depth + 1);
}

const TEXT: Field = { kind: 'text' };
const LONG: Field = { kind: 'long' };
const NUMBERS: Field = { kind: 'numbers' };
const TAGGED_WORD: Field = { kind: 'tagged' };

function placeMembers(keys: TypeKeys, words: Field[][], struct: TypeRef, offset: number, depth: number): void {
  const node = keys.node(struct);
  if (node.kind !== 'struct' && node.kind !== 'union') return;
  if (placeKnown(words, node, offset)) return;
  for (const { type, bitOffset, bitSize } of node.members) {
    const at = offset + (bitOffset >>> 3);
    if (bitSize === undefined) place(keys, words, keys.value(struct.graph, type), at, depth + 1);
    else words[at >>> 3]?.push(NUMBERS);
  }
}

/** Structs whose words are known better than their types tell; true where that was all. */
function placeKnown(words: Field[][], node: Extract<TypeNode, { readonly size: number }>, offset: number): boolean {
  if (offset % 8 !== 0) return false;
  if (LISTS.has(node.name) && node.size === 16) {
    for (const at of [offset, offset + 8])
      words[at >>> 3]?.push({ kind: 'pointer', to: { kind: 'struct', name: node.name }, head: offset });
    return true;
  }
  if (TAGGED.has(node.name)) words[offset >>> 3]?.push(TAGGED_WORD);
  return false;
}
