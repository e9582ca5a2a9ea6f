import type { TypeNode } from '../../base/type-graph.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { LayoutError } from './layout-error.ts';
import type { Layouts } from './layouts.ts';
import { type MemoryExtent, readExtent } from './memory-extent.ts';
import { pointedText, textKind, textOf } from './printable-text.ts';
import { readBig, scalarOf } from './scalar.ts';
import { spellType } from './spell-type.ts';
import { type MemberLayout, memberLayout, type StructLayout } from './struct-layout.ts';
import { nodeOf, sizeOfType, strip, type TypeRef } from './type-ref.ts';

/** A value as its type tells to read it. */
export type Decoded =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** Without `constant` where the value is none of the enum's. */
  | { readonly kind: 'enum'; readonly value: bigint; readonly constant?: string }
  /** `text` where it leads to one, else the symbol there. */
  | { readonly kind: 'pointer'; readonly value: bigint; readonly symbol?: string; readonly text?: string }
  /** Of a char array, up to its NUL. */
  | { readonly kind: 'text'; readonly text: string }
  /** An array without a length: where it begins. */
  | { readonly kind: 'place'; readonly value: bigint; readonly symbol?: string }
  | { readonly kind: 'array'; readonly count: number; readonly elements: readonly DecodedElement[] }
  | { readonly kind: 'struct'; readonly members: readonly DecodedMember[] }
  /** What has no other form: floating point, 128 bits. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'unreadable'; readonly because: string };

/** `times`: as many elements in a row have this value. Those beyond the last are left out. */
export interface DecodedElement {
  readonly times: number;
  readonly value: Decoded;
}

export interface DecodedMember {
  /** Empty for an anonymous struct or union. */
  readonly name: string;
  /** As C writes it: `struct list_head *`. */
  readonly type: string;
  /** From the start of the struct that was asked for, in bytes. */
  readonly offset: number;
  /** Of a bit field. */
  readonly bitOffset?: number;
  readonly bitSize?: number;
  readonly value: Decoded;
}

export interface DecodedStruct {
  /** `struct kmem_cache`, `atomic_t`. */
  readonly type: string;
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  readonly members: readonly DecodedMember[];
}

/** Spells the symbol that an address lies in: `init_task+168`. */
export type SpellSymbol = (address: bigint) => string | undefined;

/** The kernel's largest struct has 3 MB (pglist_data with its zones: 200 kB). */
const LARGEST = 16 * 1024 * 1024;
const DEEPEST = 32;
/** Values that are decoded of one struct; what is beyond is said to be left out. */
const MOST_VALUES = 100_000;
/** Different elements that are decoded of an array. */
const MOST_ELEMENTS = 1_000;

/**
 * The struct at an address, or those of its members that `paths` name, as in StructLayout. What is not in the dump is
 * `unreadable` where it stands; MemoryFault is thrown where nothing of it is there, LayoutError for names that the types
 * do not have.
 */
export function decodeStruct(
  memory: KernelMemory,
  layouts: Layouts,
  struct: StructLayout,
  address: bigint,
  options: { readonly paths?: readonly string[]; readonly symbol?: SpellSymbol } = {},
): DecodedStruct {
  const { paths = [], symbol = (): undefined => undefined } = options;
  const { size, type } = struct;
  if (size > LARGEST) throw new LayoutError(`${struct.name} has ${size} bytes, which no struct of a kernel has`);
  const members = paths.map((path) => ({ path, member: struct.need(path) }));
  const end = Math.max(size, ...members.map(({ member }) => member.offset + member.size));
  const decoder = new Decoder(memory, readExtent(memory, address, Math.min(end, LARGEST)), symbol);
  const named = layouts.type(struct.name) ?? type;
  return {
    type: spellType(named),
    address,
    size,
    members:
      paths.length > 0
        ? members.map(({ path, member }) => decoder.member(path, member, 0))
        : decoder.members(type, nodeOf(type), 0, 0),
  };
}

class Decoder {
  readonly #memory: KernelMemory;
  readonly #extent: MemoryExtent;
  readonly #symbol: SpellSymbol;
  #left = MOST_VALUES;

  constructor(memory: KernelMemory, extent: MemoryExtent, symbol: SpellSymbol) {
    this.#memory = memory;
    this.#extent = extent;
    this.#symbol = symbol;
  }

  members(type: TypeRef, node: TypeNode, start: number, depth: number): readonly DecodedMember[] {
    if (node.kind !== 'struct' && node.kind !== 'union') return [];
    return node.members.map((member) => {
      const layout = memberLayout(type, member);
      return this.member(member.name, { ...layout, offset: start + layout.offset }, depth);
    });
  }

  member(name: string, layout: MemberLayout, depth: number): DecodedMember {
    const { offset, bitOffset, bitSize } = layout;
    const bits = bitOffset !== undefined && bitSize !== undefined ? { bitOffset, bitSize } : {};
    return { name, type: spellType(layout.type), offset, ...bits, value: this.#value(layout, depth) };
  }

  #value(layout: MemberLayout, depth: number): Decoded {
    if (this.#left-- <= 0 || depth > DEEPEST) return { kind: 'unreadable', because: 'too much to decode at once' };
    const type = strip(layout.type);
    const node = nodeOf(type);
    const { offset } = layout;
    if (node.kind === 'struct' || node.kind === 'union') {
      return { kind: 'struct', members: this.members(type, node, offset, depth + 1) };
    }
    if (node.kind === 'array') return this.#array({ graph: type.graph, id: node.of }, node.count, offset, depth);
    const fault = this.#extent.missing(offset, layout.size);
    if (fault !== undefined) return { kind: 'unreadable', because: fault.message };
    const scalar = scalarOf(layout);
    if (scalar === undefined || offset + scalar.size > this.#extent.bytes.length) {
      return { kind: 'bytes', bytes: this.#extent.bytes.slice(offset, offset + layout.size) };
    }
    const value = readBig(scalar, this.#extent.bytes, 0);
    if (node.kind === 'pointer') return this.#pointer(value, { graph: type.graph, id: node.to });
    return named(node, value);
  }

  #pointer(value: bigint, to: TypeRef): Decoded {
    if (value === 0n) return { kind: 'pointer', value };
    const kind = textKind(to);
    const text = kind && pointedText(this.#memory, value, kind);
    // Strings have no symbols of their own: the nearest one would say nothing.
    if (text !== undefined) return { kind: 'pointer', value, text };
    const symbol = this.#symbol(value);
    return symbol === undefined ? { kind: 'pointer', value } : { kind: 'pointer', value, symbol };
  }

  #array(of: TypeRef, count: number, start: number, depth: number): Decoded {
    const { bytes, address } = this.#extent;
    const size = sizeOfType(of) ?? 0;
    if (count === 0 || size === 0) {
      const value = BigInt.asUintN(64, address + BigInt(start));
      const symbol = this.#symbol(value);
      return symbol === undefined ? { kind: 'place', value } : { kind: 'place', value, symbol };
    }
    const kind = this.#extent.missing(start, count) ? undefined : textKind(of);
    const text = kind && textOf(bytes.subarray(start, start + count), kind);
    if (text !== undefined) return { kind: 'text', text };
    const elements: DecodedElement[] = [];
    // Damaged types may count more than the struct has room for.
    const most = Math.min(count, Math.floor((bytes.length - start) / size));
    for (let i = 0; i < most && elements.length < MOST_ELEMENTS;) {
      const offset = start + i * size;
      const times = this.#repeats(offset, size, most - i);
      elements.push({ times, value: this.#value({ offset, size, type: of }, depth + 1) });
      i += times;
    }
    return { kind: 'array', count, elements };
  }

  /** How many elements from here on are the same, byte by byte. */
  #repeats(offset: number, size: number, most: number): number {
    const { bytes } = this.#extent;
    const fault = this.#extent.missing(offset, size);
    let times = 1;
    for (; times < most; times++) {
      const next = offset + times * size;
      if (this.#extent.missing(next, size)?.because !== fault?.because) break;
      for (let i = 0; i < size; i++) if (bytes[offset + i] !== bytes[next + i]) return times;
    }
    return times;
  }
}

function named(node: TypeNode, value: bigint): Decoded {
  if (node.kind === 'enum') {
    const constant = node.values.find((candidate) => candidate.value === value)?.name;
    return constant === undefined ? { kind: 'enum', value } : { kind: 'enum', value, constant };
  }
  const isBool = node.kind === 'int' && node.encoding === 'bool' && value <= 1n;
  return isBool ? { kind: 'bool', value: value === 1n } : { kind: 'number', value };
}
