import type { SparseMemory } from './sparse-memory.ts';

/** How a machine writes its tables; entries are whole 64-bit values. */
export interface TableShape {
  readonly pageShift: number;
  readonly levels: number;
  /** Bits of an address that the tables translate. */
  readonly addressBits: number;
  /** The highest level that may map a block instead of leading to a table; level 0 has pages. */
  readonly highestBlock: number;
  table(physical: number): bigint;
  leaf(physical: number, level: number): bigint;
}

const PRESENT = 0x01n;
const LARGE = 0x80n;
/** Present, writable, accessed, dirty, and not executable, as the kernel maps its data. */
const X86_DATA = 0x8000000000000063n;

/** `encryption`: the bit that SME sets in each entry. */
export const x86Shape = (levels: 4 | 5, encryption = 0n): TableShape => ({
  pageShift: 12,
  levels,
  addressBits: levels === 5 ? 57 : 48,
  highestBlock: 2,
  table: (physical) => BigInt(physical) | 0x62n | PRESENT | encryption,
  leaf: (physical, level) => BigInt(physical) | X86_DATA | encryption | (level > 0 ? LARGE : 0n),
});

/** Valid, accessed, inner shareable, privileged and not executable. */
const ARM_DATA = 0x0060000000000701n;

/** Translation tables of arm64; with 52 bits and pages below 64 KiB the format is that of LPA2. */
export function arm64Shape(pageSize: number, addressBits: number): TableShape {
  const pageShift = Math.log2(pageSize);
  const bits = pageShift - 3;
  const lpa2 = addressBits > 48 && pageSize < 65536;
  const spread = (physical: number): bigint => {
    const address = BigInt(physical);
    // LPA2 has no shareability in bits 8 and 9 but bits 50 and 51 of the address; 64 KiB pages have 48 to 51 in 12 to 15.
    if (lpa2) return (address & 0x3fffffffff000n) | ((address >> 50n) << 8n);
    return pageSize === 65536 ? (address & 0xffffffff0000n) | ((address >> 48n) << 12n) : address;
  };
  const data = lpa2 ? ARM_DATA & ~0x300n : ARM_DATA;
  return {
    pageShift,
    levels: Math.ceil((addressBits - pageShift) / bits),
    addressBits,
    highestBlock: pageSize === 4096 ? 2 : 1,
    table: (physical) => spread(physical) | 3n,
    leaf: (physical, level) => spread(physical) | data | (level === 0 ? 2n : 0n),
  };
}

/** Writes tables into memory. The root is a page (or less) that exists; the others are taken from `allocate`. */
export class PageTableWriter {
  readonly shape: TableShape;
  readonly #memory: SparseMemory;
  readonly #root: number;
  readonly #allocate: (bytes: number) => number;
  readonly #tables = new Map<string, number>();

  constructor(memory: SparseMemory, root: number, shape: TableShape, allocate: (bytes: number) => number) {
    this.#memory = memory;
    this.#root = root;
    this.shape = shape;
    this.#allocate = allocate;
  }

  /** Maps a stretch, with the largest blocks that fit; all in bytes and multiples of a page. */
  map(virtual: bigint, physical: number, size: number, highest: number = this.shape.highestBlock): void {
    const { pageShift } = this.shape;
    for (let done = 0; done < size;) {
      let level = highest;
      const at = virtual + BigInt(done);
      const fits = (bytes: number): boolean =>
        bytes <= size - done && (physical + done) % bytes === 0 && at % BigInt(bytes) === 0n;
      while (level > 0 && !fits(this.#span(level))) level--;
      this.#memory.poke(this.entryOf(at, level), 8, this.shape.leaf(physical + done, level));
      done += level > 0 ? this.#span(level) : 2 ** pageShift;
    }
  }

  /** Physical address of the entry of a level that an address goes through; makes the tables above it. */
  entryOf(virtual: bigint, level: number): number {
    const { pageShift, levels, addressBits } = this.shape;
    const bits = pageShift - 3;
    const page = Number(BigInt.asUintN(addressBits, virtual) >> BigInt(pageShift));
    let table = this.#root;
    let path = '';
    for (let i = levels - 1; ; i--) {
      const width = i === levels - 1 ? 2 ** (addressBits - pageShift - i * bits) : 2 ** bits;
      const index = Math.floor(page / 2 ** (i * bits)) % width;
      const entry = table + index * 8;
      if (i === level) return entry;
      path += `/${index}`;
      let next = this.#tables.get(path);
      if (next === undefined) {
        next = this.#allocate(2 ** pageShift);
        this.#tables.set(path, next);
        this.#memory.poke(entry, 8, this.shape.table(next));
      }
      table = next;
    }
  }

  #span(level: number): number {
    const { pageShift } = this.shape;
    return 2 ** (pageShift + level * (pageShift - 3));
  }
}
