import type { Kernel } from '../../model/kernel/kernel.ts';
import { kernelModules } from '../../model/kernel/modules.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import { vmallocSpace, type AddressRange } from '../../model/kernel/vmalloc-space.ts';
import type { SymbolAt } from '../../model/symbols/symbol-table.ts';
import { halves, type NodeSpace } from '../reachability/node-space.ts';

/** What a word of memory is, as far as its value tells. A code has the class in its upper bits, what tells more below. */
export const WORD = {
  /** No pointer: zero, a number, text. */
  data: 0,
  /** Into the object itself; below: how far from its start, in bytes. Heads of empty lists. */
  self: 1,
  /** A symbol of the kernel or a module; below: its number in `symbols`. */
  symbol: 2,
  /** Into the code of a symbol, not to its start: where a call returns to. */
  inside: 3,
  /** Module space that no module covers: code that is gone. Below: as for symbols. */
  gone: 4,
  /** A slab object; below: the number of its cache, FOLDED for those that anyone may use. */
  object: 5,
  /** Memory in the direct map that is no slab. */
  memory: 6,
  /** A struct page. */
  page: 7,
  vmalloc: 8,
  /** Numbers and text, told apart only where nothing else tells: see DATA. */
  shape: 9,
} as const;

/** What a word that is no pointer looks like. */
export const SHAPE = { zero: 0, int: 1, long: 2, text: 3, fill: 256 } as const;

const CLASS_BITS = 27;
/** Bits below the class. */
const DETAIL: number = 2 ** CLASS_BITS - 1;
export const FOLDED: number = DETAIL;

export const classOf = (code: number): number => code >>> CLASS_BITS;
export const detailOf = (code: number): number => code & DETAIL;
export const codeOf = (kind: number, detail: number): number => ((kind << CLASS_BITS) | detail) >>> 0;

/** Caches that anyone takes from: which of them a pointer leads to tells a size and no type. */
export const isShared = (name: string): boolean => /^(?:dma-)?kmalloc-/.test(name);

/** More symbols than any object group points to; beyond, a pointer into the image is data. */
const MOST_SYMBOLS = 2 ** 20;

interface Range {
  readonly low: number;
  readonly high: number;
  readonly bytes: number;
}

/** A symbol that words point to; `symbol` is absent for code that is gone. */
export interface SeenSymbol {
  readonly address: bigint;
  readonly symbol?: SymbolAt;
}

/** Words to codes, by halves. Symbols are looked up once for each address that is met. */
export class WordCodes {
  /** By the number in a code. */
  readonly symbols: SeenSymbol[] = [];
  readonly #kernel: Kernel;
  readonly #space: NodeSpace;
  readonly #codeOfCache: Uint32Array;
  readonly #image: readonly Range[];
  readonly #modules: readonly Range[];
  readonly #unloaded: readonly Range[];
  readonly #vmalloc: readonly Range[];
  readonly #known = new Map<number, number>();
  readonly #numbers = new Map<bigint, number>();

  constructor(kernel: Kernel, space: NodeSpace, caches: readonly KmemCache[]) {
    this.#kernel = kernel;
    this.#space = space;
    this.#codeOfCache = Uint32Array.from(caches, ({ name }, i) => codeOf(WORD.object, isShared(name) ? FOLDED : i));
    const { vmalloc, modules } = vmallocSpace(kernel);
    this.#image = imageOf(kernel).map(rangeOf);
    const loaded = loadedModules(kernel);
    this.#modules = [...modules, ...loaded].map(rangeOf);
    this.#unloaded = placesOfUnloaded(modules, loaded).map(rangeOf);
    this.#vmalloc = vmalloc.map(rangeOf);
  }

  /** `self`: physical address of the object that the word is in, `stride` its room in bytes. */
  code(low: number, high: number, self: number, stride: number): number {
    if (high < 0xff000000) return 0;
    const { directMap, memoryMap, nodeOfFrame, pageSize, table } = this.#space;
    const physical = (high - directMap.high) * 4294967296 + (low - directMap.low);
    if (physical >= 0 && physical < directMap.bytes) {
      const within = physical - self;
      if (within >= 0 && within < stride) return codeOf(WORD.self, within);
      const owner = nodeOfFrame[Math.floor(physical / pageSize)] ?? -1;
      return owner < 0 ? codeOf(WORD.memory, 0) : (this.#codeOfCache[table.cache[owner] ?? 0] ?? 0);
    }
    if (inside(this.#image, low, high) || inside(this.#modules, low, high)) return this.#symbol(low, high);
    const inMap = (high - memoryMap.high) * 4294967296 + (low - memoryMap.low);
    if (inMap >= 0 && inMap < memoryMap.bytes) return codeOf(WORD.page, 0);
    return inside(this.#vmalloc, low, high) ? codeOf(WORD.vmalloc, 0) : 0;
  }

  #symbol(low: number, high: number): number {
    const key = (high & 0xfffff) * 4294967296 + low;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const code = this.#lookUp((BigInt(high) << 32n) | BigInt(low), low, high);
    if (this.#known.size < MOST_SYMBOLS) this.#known.set(key, code);
    return code;
  }

  #lookUp(address: bigint, low: number, high: number): number {
    const symbol = this.#kernel.symbols.at(address);
    if (symbol === undefined) {
      return inside(this.#unloaded, low, high) ? codeOf(WORD.gone, this.#number({ address })) : 0;
    }
    const isCode = /^[tw]$/i.test(symbol.letter);
    const number = this.#number({ address: address - BigInt(symbol.offset), symbol: { ...symbol, offset: 0 } });
    return codeOf(isCode && symbol.offset > 0 ? WORD.inside : WORD.symbol, number);
  }

  #number(seen: SeenSymbol): number {
    const known = this.#numbers.get(seen.address);
    if (known !== undefined) return known;
    this.symbols.push(seen);
    this.#numbers.set(seen.address, this.symbols.length - 1);
    return this.symbols.length - 1;
  }
}

/** What a word that is no pointer looks like, for objects that have nothing else. */
export function shapeOf(low: number, high: number): number {
  if (low === 0 && high === 0) return codeOf(WORD.shape, SHAPE.zero);
  const byte = low & 0xff;
  if (low === high && low === Math.imul(byte, 0x01010101) >>> 0) return codeOf(WORD.shape, SHAPE.fill + byte);
  if (isTextWord(low, high)) return codeOf(WORD.shape, SHAPE.text);
  return codeOf(WORD.shape, high === 0 ? SHAPE.int : SHAPE.long);
}

/** Eight bytes of printable text, or such text that ends; of less than three characters it may as well be a number. */
export const isTextWord = (low: number, high: number): boolean =>
  low > 0xffff && isPrintable(low) && (high === 0 || isPrintable(high));

function isPrintable(half: number): boolean {
  for (let rest = half; rest !== 0; rest >>>= 8) {
    const byte = rest & 0xff;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return half !== 0;
}

function imageOf({ symbols }: Kernel): readonly AddressRange[] {
  const [from, to] = [symbols.find('_text') ?? symbols.find('_stext'), symbols.find('_end')];
  return from !== undefined && to !== undefined && from < to ? [{ from, to }] : [];
}

/** From the first module to the last: with KASLR arm64 puts them outside of the space that VMCOREINFO tells. */
function loadedModules(kernel: Kernel): readonly AddressRange[] {
  const extents = kernelModules(kernel).value.flatMap((module) => module.extents);
  const [first] = extents;
  if (!first) return [];
  const ends = extents.map(({ start, size }) => start + BigInt(size));
  const from = extents.reduce((least, { start }) => (start < least ? start : least), first.start);
  return [{ from, to: ends.reduce((most, end) => (end > most ? end : most), from) }];
}

/** Modules take the lowest addresses that are free, so that those that are gone lay near the others. */
const NEAR = 2n ** 24n;

/**
 * Where modules lay that are gone. Most of x86-64's module space was never used, and negative numbers look as if they led there:
 * a socket without a time stamp has the one of -1,000,000,000.
 */
function placesOfUnloaded(modules: readonly AddressRange[], loaded: readonly AddressRange[]): readonly AddressRange[] {
  if (loaded.length > 0) return loaded.map(({ from, to }) => ({ from: from - NEAR, to: to + NEAR }));
  return modules.map(({ from }) => ({ from, to: from + NEAR }));
}

const rangeOf = ({ from, to }: AddressRange): Range => ({ ...halves(from), bytes: Number(to - from) });

function inside(ranges: readonly Range[], low: number, high: number): boolean {
  for (const range of ranges) {
    const offset = (high - range.high) * 4294967296 + (low - range.low);
    if (offset >= 0 && offset < range.bytes) return true;
  }
  return false;
}
