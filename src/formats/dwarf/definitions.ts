import { encodeName, hashNameAt, isNameAt } from '../../base/name-hash.ts';
import type { NamedKind, TypeId } from '../../base/type-graph.ts';

/** What is found by name: definitions, and declarations of what the kernel's C defines nowhere. */
export type DefinedKind = NamedKind | 'constant' | 'declared-function' | 'declared-variable';

const BITS: Readonly<Record<DefinedKind, number>> = {
  struct: 1,
  union: 2,
  enum: 4,
  typedef: 8,
  int: 16,
  function: 32,
  variable: 64,
  constant: 128,
  'declared-function': 256,
  'declared-variable': 512,
};

/** A name: an offset in .debug_str, or in the text of an entry. */
export interface NamePlace {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** The first definition of each name. A kernel repeats its headers in 3,000 units: a bit for each name tells fast. */
export class Definitions {
  readonly #strings: Uint8Array;
  /** By offset in .debug_str: kinds that were seen. */
  readonly #seen: Uint16Array;
  /** Names that stand in entries, copied, end to end. */
  #copied = new Uint8Array(1024);
  #copiedEnd = 0;
  readonly #kinds: number[] = [];
  readonly #names: number[] = [];
  readonly #ids: TypeId[] = [];
  #slots = new Uint32Array(1 << 16);

  constructor(strings: Uint8Array) {
    this.#strings = strings;
    this.#seen = new Uint16Array(strings.length);
  }

  get count(): number {
    return this.#ids.length;
  }

  has(kind: DefinedKind, name: NamePlace): boolean {
    if (name.bytes === this.#strings) return ((this.#seen[name.offset] ?? 0) & BITS[kind]) !== 0;
    return this.#find(BITS[kind], nameBytes(name)) !== undefined;
  }

  /** Returns whether it is the first. */
  add(kind: DefinedKind, name: NamePlace, id: TypeId): boolean {
    if (this.has(kind, name)) return false;
    let offset = name.offset;
    if (name.bytes === this.#strings) this.#seen[offset] = (this.#seen[offset] ?? 0) | BITS[kind];
    else offset = this.#copy(nameBytes(name));
    if (this.#ids.length * 2 > this.#slots.length) this.#grow();
    this.#kinds.push(BITS[kind]);
    this.#names.push(offset);
    this.#ids.push(id);
    this.#place(this.#ids.length - 1);
    return true;
  }

  find(kind: DefinedKind, name: string): TypeId | undefined {
    return this.#find(BITS[kind], encodeName(name));
  }

  /** Every definition of a kind, in the order of the file. */
  all(kind: DefinedKind): readonly TypeId[] {
    const bit = BITS[kind];
    return this.#ids.filter((_, i) => this.#kinds[i] === bit);
  }

  #find(bit: number, name: Uint8Array): TypeId | undefined {
    if (name.length === 0) return undefined;
    const mask = this.#slots.length - 1;
    for (let slot = hashNameAt(name, 0) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 1) - 1;
      if (this.#kinds[entry] !== bit) continue;
      const { bytes, offset } = this.#nameOf(entry);
      if (isNameAt(bytes, offset, name)) return this.#ids[entry];
    }
    return undefined;
  }

  /** Offsets of copied names go on behind those of .debug_str. */
  #nameOf(entry: number): NamePlace {
    const offset = this.#names[entry] ?? 0;
    const behind = offset - this.#strings.length;
    if (behind < 0) return { bytes: this.#strings, offset };
    return { bytes: this.#copied, offset: behind };
  }

  #copy(name: Uint8Array): number {
    const at = this.#copiedEnd;
    this.#copiedEnd += name.length + 1;
    if (this.#copiedEnd > this.#copied.length) {
      const larger = new Uint8Array(this.#copiedEnd * 2);
      larger.set(this.#copied);
      this.#copied = larger;
    }
    this.#copied.set(name, at);
    return this.#strings.length + at;
  }

  #place(entry: number): void {
    const { bytes, offset } = this.#nameOf(entry);
    const mask = this.#slots.length - 1;
    let slot = hashNameAt(bytes, offset) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#ids.length; entry++) this.#place(entry);
  }
}

function nameBytes({ bytes, offset }: NamePlace): Uint8Array {
  const end = bytes.indexOf(0, offset);
  return bytes.subarray(offset, end < 0 ? bytes.length : end);
}
