import { KIND } from '../../src/formats/btf/kinds.ts';

export interface WrittenMember {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  readonly bitSize?: number;
}

export interface WriterOptions {
  /** The first id: 1, or one beyond the last of the base. */
  readonly firstId?: number;
  /** The first string offset: 0, or the length of the strings of the base. */
  readonly firstString?: number;
}

/** Writes BTF as include/uapi/linux/btf.h describes it: each method adds one type and returns its id. */
export class BtfWriter {
  readonly #words: number[] = [];
  readonly #strings: number[] = [];
  readonly #firstString: number;
  #nextId: number;

  constructor({ firstId = 1, firstString = 0 }: WriterOptions = {}) {
    this.#nextId = firstId;
    this.#firstString = firstString;
    // A base begins with the empty name at offset 0; a split file goes on behind it.
    if (firstString === 0) this.#strings.push(0);
  }

  get nextId(): number {
    return this.#nextId;
  }
  get stringsEnd(): number {
    return this.#firstString + this.#strings.length;
  }

  /** `encoding`: 1 signed, 4 bool. `bits` and `bitOffset` for the narrow ints of before v5.0. */
  int(name: string, size: number, encoding = 0, bits: number = size * 8, bitOffset = 0): number {
    return this.#record(KIND.int, name, 0, size, [(encoding << 24) | (bitOffset << 16) | bits]);
  }
  float(name: string, size: number): number {
    return this.#record(KIND.float, name, 0, size);
  }
  pointer(to: number): number {
    return this.#record(KIND.pointer, '', 0, to);
  }
  array(of: number, count: number, index = 1): number {
    return this.#record(KIND.array, '', 0, 0, [of, index, count]);
  }
  struct(name: string, size: number, members: readonly WrittenMember[], kind: 'struct' | 'union' = 'struct'): number {
    const flag = members.some(({ bitSize }) => bitSize !== undefined);
    const words = members.flatMap((m) => [this.#name(m.name), m.type, (m.bitOffset | ((m.bitSize ?? 0) << 24)) >>> 0]);
    return this.#record(KIND[kind], name, members.length, size, words, flag);
  }
  enum(name: string, values: Readonly<Record<string, number>>, signed = false): number {
    const words = Object.entries(values).flatMap(([key, value]) => [this.#name(key), value >>> 0]);
    return this.#record(KIND.enum, name, words.length / 2, 4, words, signed);
  }
  enum64(name: string, values: Readonly<Record<string, bigint>>, signed = false): number {
    const words = Object.entries(values).flatMap(([key, value]) => [
      this.#name(key),
      Number(BigInt.asUintN(32, value)),
      Number(BigInt.asUintN(32, value >> 32n)),
    ]);
    return this.#record(KIND.enum64, name, words.length / 3, 8, words, signed);
  }
  forward(name: string, union = false): number {
    return this.#record(KIND.forward, name, 0, 0, [], union);
  }
  modifier(kind: 'typedef' | 'const' | 'volatile' | 'restrict' | 'typeTag', to: number, name = ''): number {
    return this.#record(KIND[kind], name, 0, to);
  }
  prototype(returns: number, parameters: readonly (readonly [string, number])[]): number {
    const words = parameters.flatMap(([name, type]) => [this.#name(name), type]);
    return this.#record(KIND.prototype, '', parameters.length, returns, words);
  }
  function(name: string, prototype: number): number {
    return this.#record(KIND.function, name, 1, prototype);
  }
  variable(name: string, type: number): number {
    return this.#record(KIND.variable, name, 0, type, [1]);
  }
  dataSection(name: string, variables: readonly (readonly [number, number, number])[]): number {
    return this.#record(KIND.dataSection, name, variables.length, 0, variables.flat());
  }
  declarationTag(name: string, of: number): number {
    return this.#record(KIND.declarationTag, name, 0, of, [0xffffffff]);
  }
  /** A record of any kind, for what readers must stand. */
  raw(kind: number, name: string, count: number, sizeOrType: number, words: readonly number[] = []): number {
    return this.#record(kind, name, count, sizeOrType, words);
  }

  /** `layouts`: struct btf_layout of each kind, for the longer header that has them. */
  bytes(layouts?: Uint8Array): Uint8Array {
    const types = this.#words.length * 4;
    const extra = layouts ? [types + this.#strings.length, layouts.length] : [];
    const header = [0, 24 + extra.length * 4, 0, types, types, this.#strings.length, ...extra];
    const words = Uint32Array.from([...header, ...this.#words]);
    const bytes = Buffer.concat([new Uint8Array(words.buffer), Uint8Array.from(this.#strings), layouts ?? Buffer.of()]);
    bytes.set([0x9f, 0xeb, 1, 0]);
    return bytes;
  }

  #name(name: string): number {
    if (name === '') return 0;
    const offset = this.stringsEnd;
    this.#strings.push(...Buffer.from(name), 0);
    return offset;
  }

  #record(
    kind: number,
    name: string,
    count: number,
    sizeOrType: number,
    words: readonly number[] = [],
    flag = false,
  ): number {
    const info = ((flag ? 0x80000000 : 0) | (kind << 24) | count) >>> 0;
    this.#words.push(this.#name(name), info, sizeOrType >>> 0, ...words);
    return this.#nextId++;
  }
}
