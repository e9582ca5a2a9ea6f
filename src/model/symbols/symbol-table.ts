import { halvesOf, HIGH, LOW } from '../../formats/symbols/address-halves.ts';
import { KERNEL_HALF, type SymbolColumns } from '../../formats/symbols/symbol-columns.ts';
import { NameIndex } from './name-index.ts';

/** One symbol of the kernel or of a module. */
export interface KernelSymbol {
  readonly name: string;
  readonly address: bigint;
  /** nm's letter: t T text, d D data, b B bss, r R read-only, w W v V weak, a A absolute; upper case is global. */
  readonly letter: string;
  /** Absent for the kernel itself. */
  readonly module?: string;
}

/** The symbol that an address belongs to. `offset` in bytes from the symbol's own address. */
export interface SymbolAt extends KernelSymbol {
  readonly offset: number;
}

/** A stretch of memory that belongs to a module: symbols in it reach no further. */
export interface ModuleExtent {
  readonly module: string;
  readonly start: bigint;
  /** Bytes. */
  readonly size: number;
}

/** Names and addresses of the kernel and its modules, either way. */
export interface SymbolTable {
  /** For people: `kallsyms of the dump`, `System.map`, `/proc/kallsyms`, `vmlinux`. */
  readonly source: string;
  readonly count: number;
  /**
   * The address of a name. Of several symbols with that name the kernel's come before those of modules, global ones before
   * local ones, lower addresses before higher ones; `findAll` has them all. Per-CPU symbols have offsets, not addresses,
   * where their letter is A.
   */
  find(name: string): bigint | undefined;
  findAll(name: string): readonly KernelSymbol[];
  /**
   * The nearest symbol at or below an address of the kernel image or of a module; undefined outside of them. The sizes of
   * symbols are not known: a symbol reaches to the next one.
   */
  at(address: bigint): SymbolAt | undefined;
  /** `single_start+0x10`, `fn+0x4 [module]`, or undefined where no symbol is. */
  spell(address: bigint): string | undefined;
  /** All symbols whose name passes, by address, the kernel's first. */
  matching(test: (name: string) => boolean): Iterable<KernelSymbol>;
}

/** Text of the kernel or of a module: functions, and the marks around them. */
export const isText = ({ letter }: KernelSymbol): boolean => /^[tw]$/i.test(letter);

/** A table of one source, in which there may be symbols of modules too; `extents` say where those lie, if known. */
export function symbolTable(
  columns: SymbolColumns,
  source: string,
  extents: readonly ModuleExtent[] = [],
): SymbolTable {
  return new ColumnTable(columns, source, extents);
}

/** The kernel's table, and behind it that of its modules, which is made when something is not found in the first. */
export function withLazyModules(kernel: SymbolTable, load: () => SymbolTable): SymbolTable {
  let loaded: SymbolTable | undefined;
  return behind(kernel, () => (loaded ??= load()));
}

/** `first`, and `second` for what it lacks: functions out of the dump, data out of a System.map. */
export const lacking = (first: SymbolTable, second: SymbolTable): SymbolTable => ({
  ...behind(first, () => second),
  source: `${first.source}, ${second.source}`,
  count: Math.max(first.count, second.count),
  at: (address) => second.at(address),
  spell: (address) => second.spell(address),
  matching: (test) => second.matching(test),
  findAll: (name) => second.findAll(name),
});

function behind(kernel: SymbolTable, modules: () => SymbolTable): SymbolTable {
  return {
    source: kernel.source,
    get count() {
      return kernel.count + modules().count;
    },
    find: (name) => kernel.find(name) ?? modules().find(name),
    findAll: (name) => [...kernel.findAll(name), ...modules().findAll(name)],
    at: (address) => kernel.at(address) ?? modules().at(address),
    spell: (address) => kernel.spell(address) ?? modules().spell(address),
    *matching(test) {
      yield* kernel.matching(test);
      yield* modules().matching(test);
    },
  };
}

/** For a kernel of which nothing has symbols. */
export const noSymbols: SymbolTable = {
  source: 'none',
  count: 0,
  find: () => undefined,
  findAll: () => [],
  at: () => undefined,
  spell: () => undefined,
  matching: () => [],
};

const PAGE_MASK = 0xfffn;

class ColumnTable implements SymbolTable {
  readonly source: string;
  readonly #columns: SymbolColumns;
  readonly #halves: Uint32Array;
  readonly #extents: readonly ModuleExtent[];
  readonly #imageStart: bigint;
  readonly #imageEnd: bigint;
  #index: NameIndex | undefined;

  constructor(columns: SymbolColumns, source: string, extents: readonly ModuleExtent[]) {
    this.source = source;
    this.#columns = columns;
    this.#halves = halvesOf(columns.addresses);
    this.#extents = extents.toSorted((a, b) => (a.start < b.start ? -1 : 1));
    [this.#imageStart, this.#imageEnd] = this.#image();
  }

  get count(): number {
    return this.#columns.count;
  }

  find(name: string): bigint | undefined {
    const found = this.#indices(name);
    const best = found.length < 2 ? found[0] : found.toSorted((a, b) => this.#rank(a) - this.#rank(b))[0];
    return best === undefined ? undefined : this.#columns.addresses[best];
  }

  findAll(name: string): readonly KernelSymbol[] {
    return this.#indices(name).map((i) => this.#symbol(i));
  }

  at(address: bigint): SymbolAt | undefined {
    if (address < KERNEL_HALF) return undefined;
    let i = this.#lastAtOrBelow(address);
    const start = this.#columns.addresses[i];
    if (start === undefined || !this.#reaches(i, start, address)) return undefined;
    // Of several names for one address the first is the one that the kernel itself would print.
    while (i > 0 && this.#columns.addresses[i - 1] === start && this.#owner(i - 1) === this.#owner(i)) i--;
    while (this.#columns.addresses[i + 1] === start && this.#owner(i + 1) === this.#owner(i) && this.#isEmpty(i)) i++;
    return { ...this.#symbol(i), offset: Number(address - start) };
  }

  spell(address: bigint): string | undefined {
    const found = this.at(address);
    if (found === undefined) return undefined;
    const offset = found.offset === 0 ? '' : `+0x${found.offset.toString(16)}`;
    return `${found.name}${offset}${found.module === undefined ? '' : ` [${found.module}]`}`;
  }

  *matching(test: (name: string) => boolean): Iterable<KernelSymbol> {
    for (let i = 0; i < this.count; i++) if (test(this.#columns.names.text(i))) yield this.#symbol(i);
  }

  #indices(name: string): readonly number[] {
    return (this.#index ??= new NameIndex(this.#columns.names)).find(name);
  }

  /** A struct lock_class_key has no members in kernels without lockdep: it stands at the address of what comes behind it. */
  #isEmpty(i: number): boolean {
    return /^__key(?:\.\d+)?$/.test(this.#columns.names.text(i));
  }

  #owner(i: number): number {
    return this.#columns.owners[i] ?? 0;
  }

  #symbol(i: number): KernelSymbol {
    const { addresses, letters, modules, names } = this.#columns;
    const module = modules[this.#owner(i) - 1];
    return {
      name: names.text(i),
      address: addresses[i] ?? 0n,
      letter: String.fromCharCode(letters[i] ?? 0),
      ...(module === undefined ? {} : { module }),
    };
  }

  #rank(i: number): number {
    const isLocal = ((this.#columns.letters[i] ?? 0) & 0x20) !== 0;
    return (this.#owner(i) === 0 ? 0 : 2) + (isLocal ? 1 : 0);
  }

  /** −1 where all symbols are above. */
  #lastAtOrBelow(address: bigint): number {
    const high = Number(address >> 32n);
    const low = Number(address & 0xffff_ffffn);
    let below = 0;
    let above = this.count;
    while (below < above) {
      const middle = (below + above) >>> 1;
      const middleHigh = this.#halves[2 * middle + HIGH] ?? 0;
      const isBelow = middleHigh === high ? (this.#halves[2 * middle + LOW] ?? 0) <= low : middleHigh < high;
      if (isBelow) below = middle + 1;
      else above = middle;
    }
    return below - 1;
  }

  /** Symbol i, the last below `address`, is of the same image or of the same stretch of a module. */
  #reaches(i: number, start: bigint, address: bigint): boolean {
    const module = this.#columns.modules[this.#owner(i) - 1];
    if (module === undefined) return start >= this.#imageStart && address < this.#imageEnd;
    if (this.#extents.length > 0) {
      const extent = this.#extents.findLast((candidate) => candidate.start <= address);
      return extent?.module === module && start >= extent.start && address - extent.start < extent.size;
    }
    // Where the stretches are not known, the last symbol of a module reaches to the end of its page.
    return this.#owner(i + 1) === this.#owner(i) || (start | PAGE_MASK) === (address | PAGE_MASK);
  }

  /** From the first symbol of the image to `_end`; where a table lacks that, to the end of the last symbol's page. */
  #image(): readonly [start: bigint, end: bigint] {
    const { addresses } = this.#columns;
    const text = [this.find('_text'), this.find('_stext')].filter((address) => address !== undefined);
    const first = addresses.findIndex((address, i) => address >= KERNEL_HALF && this.#owner(i) === 0);
    const last = addresses.findLastIndex((_, i) => this.#owner(i) === 0);
    const start = text.reduce((a, b) => (a < b ? a : b), text[0] ?? addresses[first] ?? 0n);
    return [start, this.find('_end') ?? ((addresses[last] ?? 0n) | PAGE_MASK) + 1n];
  }
}
