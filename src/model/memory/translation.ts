import type { Mapping } from './kernel-memory.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** How one machine maps kernel addresses. Addresses in and out are canonical 64-bit values. */
export interface Translation {
  /** Physical address, or undefined where nothing is mapped or a table is not to be had. */
  translate(address: bigint): number | undefined;
  /** What the tables map from `from` up to and without `to`, in order. Tables that cannot be read are skipped. */
  mappings(from: bigint, to: bigint): Generator<Mapping>;
  /** Physical addresses of the tables that were walked by `mappings` so far. */
  readonly tables: ReadonlySet<number>;
  /** Physical address of the table of the highest level. */
  readonly root: number;
  /** What the tables of processes look like too. */
  readonly format: TableFormat;
}

/** Bits of a table entry that say what it is, and where the physical address lies in it. */
export interface TableFormat {
  /** log2 of the page size. */
  readonly pageShift: number;
  /** How many levels there are; the root is of the highest. */
  readonly levels: number;
  /** Bits of address that each level takes; the root takes what is left. */
  readonly bitsPerLevel: number;
  /** Bits of address that are translated at all. */
  readonly addressBits: number;
  /** Level 0 is the last one, whose entries are pages. undefined: nothing is mapped. */
  decode(low: number, high: number, level: number): { readonly physical: number; readonly leaf: boolean } | undefined;
}

/**
 * A walk over page tables of any number of levels, with the tables it has seen kept (at most `MOST_TABLES`), because
 * neighbours share them.
 */
export class PageTables implements Translation {
  readonly #physical: PhysicalMemory;
  readonly root: number;
  readonly format: TableFormat;
  /** The tables are those of the kernel's half, whose upper bits are all set: below it they map nothing. */
  readonly #lowest: bigint;
  readonly #known = new Map<number, Uint32Array | undefined>();
  readonly tables: Set<number> = new Set<number>();

  constructor(physical: PhysicalMemory, root: number, format: TableFormat) {
    this.#physical = physical;
    this.root = root;
    this.format = format;
    this.#lowest = 2n ** 64n - 2n ** BigInt(format.addressBits);
  }

  translate(address: bigint): number | undefined {
    if (address < this.#lowest) return undefined;
    const { pageShift, levels, bitsPerLevel, addressBits } = this.format;
    // In pages: 57 bits of address are more than a number holds exactly.
    const page = Number(BigInt.asUintN(addressBits, address) >> BigInt(pageShift));
    const within = Number(address & BigInt(2 ** pageShift - 1));
    let table = this.root;
    for (let level = levels - 1; level >= 0; level--) {
      const span = 2 ** (level * bitsPerLevel);
      const width = this.#width(level);
      const index = Math.floor(page / span) % width;
      const entries = this.#table(table, width);
      if (!entries) return undefined;
      const entry = this.format.decode(entries[index * 2] ?? 0, entries[index * 2 + 1] ?? 0, level);
      if (!entry) return undefined;
      const bytes = span * 2 ** pageShift;
      if (entry.leaf) return entry.physical - (entry.physical % bytes) + (page % span) * 2 ** pageShift + within;
      table = entry.physical;
    }
    return undefined;
  }

  *mappings(from: bigint, to: bigint): Generator<Mapping> {
    const { pageShift, addressBits, levels } = this.format;
    const page = (address: bigint): number => Number(BigInt.asUintN(addressBits, address) >> BigInt(pageShift));
    yield* this.#walk(this.root, levels - 1, 0, page(from), page(to - 1n), new Set());
  }

  /** `base`, `first` and `last` in pages from the start of what the tables translate. */
  *#walk(
    table: number,
    level: number,
    base: number,
    first: number,
    last: number,
    seen: Set<number>,
  ): Generator<Mapping> {
    const { pageShift, bitsPerLevel, addressBits } = this.format;
    const top = 2n ** 64n - 2n ** BigInt(addressBits);
    const span = 2 ** (level * bitsPerLevel);
    const size = span * 2 ** pageShift;
    const width = this.#width(level);
    const entries = this.#table(table, width);
    // A table met twice is a circle of a damaged dump, or the shadow of a sanitizer: nothing that anybody looks for.
    if (!entries || seen.has(table)) return;
    seen.add(table);
    this.tables.add(table);
    const end = Math.min(width - 1, Math.floor((last - base) / span));
    for (let i = Math.max(0, Math.floor((first - base) / span)); i <= end; i++) {
      const [low, high] = [entries[i * 2] ?? 0, entries[i * 2 + 1] ?? 0];
      const entry = low === 0 && high === 0 ? undefined : this.format.decode(low, high, level);
      if (!entry) continue;
      const start = base + i * span;
      if (!entry.leaf) yield* this.#walk(entry.physical, level - 1, start, first, last, seen);
      else {
        const virtual = top + (BigInt(start) << BigInt(pageShift));
        yield { virtual, physical: entry.physical - (entry.physical % size), size };
      }
    }
  }

  /** Entries of a table: the root may have fewer or more than the others. */
  #width(level: number): number {
    const { pageShift, levels, bitsPerLevel, addressBits } = this.format;
    return level === levels - 1 ? 2 ** (addressBits - pageShift - level * bitsPerLevel) : 2 ** bitsPerLevel;
  }

  #table(at: number, entries: number): Uint32Array | undefined {
    if (this.#known.has(at)) return this.#known.get(at);
    if (this.#known.size >= MOST_TABLES) this.#known.clear();
    const buffer = new Uint8Array(entries * 8);
    const gaps = this.#physical.read(at, buffer);
    const table = gaps.length > 0 ? undefined : new Uint32Array(buffer.buffer);
    this.#known.set(at, table);
    return table;
  }
}

/** 4 KiB each: 16 MiB. */
const MOST_TABLES = 4096;
