import type { KernelMemory } from '../memory/kernel-memory.ts';
import { LayoutError } from './layout-error.ts';
import type { Layouts } from './layouts.ts';
import { readBig, readNumber, type Scalar } from './scalar.ts';
import type { MemberLayout, StructLayout } from './struct-layout.ts';
import { nodeOf, strip } from './type-ref.ts';

/** Read at once; members beyond are read when they are asked for. */
const READ_AHEAD = 4096;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();

/**
 * The struct at an address. It is read once; where not all of it is in the dump, and for the far end of large ones, members
 * are read one by one: kmem_cache is declared with 1,024 nodes and allocated with one. Members by path as in StructLayout.
 * What is not in the types throws LayoutError, what is not in the dump MemoryFault.
 */
export function viewStruct(
  memory: KernelMemory,
  layouts: Layouts,
  struct: string | StructLayout,
  address: bigint,
): StructView {
  const layout = typeof struct === 'string' ? layouts.needStruct(struct) : struct;
  const bytes = memory.tryRead(address, Math.min(layout.size, READ_AHEAD)) ?? NOTHING;
  return new StructView(memory, layouts, layout, address, bytes, 0);
}

/** The struct that lies at `start` of bytes that were read before, and at `address` in memory. */
export function viewBytes(
  memory: KernelMemory,
  layouts: Layouts,
  layout: StructLayout,
  address: bigint,
  bytes: Uint8Array,
  start: number,
): StructView {
  return new StructView(memory, layouts, layout, address, bytes, start);
}

export class StructView {
  readonly layout: StructLayout;
  readonly #memory: KernelMemory;
  readonly #layouts: Layouts;
  readonly #address: bigint;
  readonly #bytes: Uint8Array;
  readonly #start: number;

  constructor(
    memory: KernelMemory,
    layouts: Layouts,
    layout: StructLayout,
    address: bigint,
    bytes: Uint8Array,
    start: number,
  ) {
    this.layout = layout;
    this.#memory = memory;
    this.#layouts = layouts;
    this.#address = address;
    this.#bytes = bytes;
    this.#start = start;
  }

  has(path: string): boolean {
    return this.layout.has(path);
  }

  /** With its sign; of an enum its value, of atomic_t and the like what they hold. Beyond 2^53 rounded: see `u64`. */
  number(path: string): number {
    const scalar = this.layout.needScalar(path);
    return this.#holds(scalar)
      ? readNumber(scalar, this.#bytes, this.#start)
      : readNumber({ ...scalar, offset: 0 }, this.#fetch(scalar), 0);
  }

  /** Exact, as 64 bits without a sign. */
  u64(path: string): bigint {
    const scalar = this.layout.needScalar(path);
    const value = this.#holds(scalar)
      ? readBig(scalar, this.#bytes, this.#start)
      : readBig({ ...scalar, offset: 0 }, this.#fetch(scalar), 0);
    return BigInt.asUintN(64, value);
  }

  /** What a pointer holds, as it is: tags in low bits are not taken away. */
  pointer(path: string): bigint {
    return this.u64(path);
  }

  /** Where a member lies; without a path, where the struct lies. */
  address(path?: string): bigint {
    if (path === undefined) return this.#address;
    return BigInt.asUintN(64, this.#address + BigInt(this.layout.need(path).offset));
  }

  /** A char array up to its NUL, or the string that a pointer leads to; escape before showing. */
  text(path: string): string {
    const member = this.layout.need(path);
    const { kind } = nodeOf(strip(member.type));
    if (kind === 'pointer') return this.#memory.string(this.pointer(path));
    if (kind !== 'array') throw new LayoutError(`${this.layout.name}.${path} is not a text`);
    const bytes = this.bytes(path);
    const end = bytes.indexOf(0);
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** The bytes of a member; read only. */
  bytes(path: string): Uint8Array {
    const member = this.layout.need(path);
    if (!this.#holds(member)) return this.#fetch(member);
    const from = this.#start + member.offset;
    return this.#bytes.subarray(from, from + member.size);
  }

  /** A struct or union inside of this one. */
  struct(path: string): StructView {
    const member = this.layout.need(path);
    const layout = this.#layouts.structOf(member.type);
    if (layout === undefined) throw new LayoutError(`${this.layout.name}.${path} is not a struct`);
    const address = this.address(path);
    return new StructView(this.#memory, this.#layouts, layout, address, this.#bytes, this.#start + member.offset);
  }

  /** The struct that a pointer leads to; undefined for NULL. */
  follow(path: string): StructView | undefined {
    const { graph, id } = strip(this.layout.need(path).type);
    const node = graph.node(id);
    const layout = node.kind === 'pointer' ? this.#layouts.structOf({ graph, id: node.to }) : undefined;
    if (layout === undefined) throw new LayoutError(`${this.layout.name}.${path} is not a pointer to a struct`);
    const target = this.pointer(path);
    return target === 0n ? undefined : viewStruct(this.#memory, this.#layouts, layout, target);
  }

  #holds({ offset, size }: Scalar | MemberLayout): boolean {
    return this.#start + offset + size <= this.#bytes.length;
  }

  #fetch({ offset, size }: Scalar | MemberLayout): Uint8Array {
    return this.#memory.read(BigInt.asUintN(64, this.#address + BigInt(offset)), size);
  }
}
