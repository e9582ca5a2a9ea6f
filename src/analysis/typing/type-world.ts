import type { Kernel } from '../../model/kernel/kernel.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { KernelSymbol } from '../../model/symbols/symbol-table.ts';
import type { WordCodes } from '../clustering/word-codes.ts';
import { cacheOwners, type CacheOwner } from './cache-owners.ts';
import { cacheTypes, type CacheTypes } from './cache-types.ts';
import { pathAt, structsAt } from './embedded-members.ts';
import { FunctionTypes } from './function-types.ts';
import type { Surroundings } from './score-fields.ts';
import { TableTypes } from './table-types.ts';
import { TypeCatalog, type StructType } from './type-catalog.ts';
import type { ValueType } from './type-keys.ts';
import type { Seen } from './word-facts.ts';

const LONGEST_TEXT = 64;

/** Everything that types are told by, each part made when it is first asked for. */
export class TypeWorld implements Surroundings {
  readonly catalog: TypeCatalog;
  readonly heap: SlabHeap;
  readonly tables: TableTypes;
  readonly #kernel: Kernel;
  readonly #functions: FunctionTypes;
  readonly #aliasesOf: (cache: bigint) => readonly string[];
  readonly #caches = new Map<number, CacheTypes>();
  #cacheOwners: ReadonlyMap<number, CacheOwner> | undefined;
  readonly #embedded = new Map<StructType, Map<number, readonly string[]>>();

  /** `kernel.layouts` may have graphs of modules behind the first. */
  constructor(kernel: Kernel, heap: SlabHeap, codes: WordCodes, aliasesOf: (cache: bigint) => readonly string[]) {
    this.#kernel = kernel;
    this.heap = heap;
    this.catalog = new TypeCatalog(kernel.layouts.graphs);
    this.#functions = new FunctionTypes(kernel, this.catalog.keys);
    this.#aliasesOf = aliasesOf;
    // A table that names another table says little about either: within tables only functions count.
    const functionsAlone: Surroundings = {
      keyOf: (symbol) => this.keyOf(symbol),
      shareOfKey: (key) => this.shareOfKey(key),
      tableTypes: () => [],
      objectTypes: (cache) => this.objectTypes(cache),
      objectSizes: (cache) => this.objectSizes(cache),
      contains: (struct, offset, name) => this.contains(struct, offset, name),
      sizeOf: (struct) => this.sizeOf(struct),
    };
    this.tables = new TableTypes(kernel, this.catalog, codes, functionsAlone);
  }

  cache(number: number): CacheTypes {
    let found = this.#caches.get(number);
    if (found === undefined) {
      const cache = this.heap.caches[number];
      found = cache ? this.#cacheTypes(cache) : { named: [], isAll: false, range: [0, 0] };
      this.#caches.set(number, found);
    }
    return found;
  }

  #cacheTypes(cache: KmemCache): CacheTypes {
    const { layouts, memory } = this.#kernel;
    const aliases = this.#aliasesOf(cache.address);
    const types = cacheTypes(this.catalog, cache, aliases, this.heap.caches);
    // Each further name is a reference; SLAB, and SLUB without sysfs, keep no list of the names themselves.
    const references = layouts.member('kmem_cache', 'refcount');
    const count = references && ifThere(() => memory.i32(cache.address + BigInt(references.offset)));
    return count !== undefined && count > 1 + aliases.length ? { ...types, isAll: false } : types;
  }

  /** The module that made a cache for itself. */
  cacheOwner(number: number): CacheOwner | undefined {
    this.#cacheOwners ??= cacheOwners(this.#kernel, this.heap.caches);
    return this.#cacheOwners.get(number);
  }

  keyOf(symbol: KernelSymbol): number | undefined {
    return this.#functions.keyOf(symbol);
  }

  shareOfKey(key: number): number {
    return this.catalog.shareOfKey(key);
  }

  tableTypes(symbol: KernelSymbol): readonly string[] {
    return this.tables.typeOf(symbol).types.map(({ name }) => name);
  }

  objectTypes(cache: number): { readonly types: readonly StructType[]; readonly isAll: boolean } {
    const { named, isAll } = this.cache(cache);
    return { types: named, isAll };
  }

  objectSizes(cache: number): readonly [number, number] {
    return this.cache(cache).range;
  }

  contains(struct: StructType, offset: number, name: string): boolean {
    let known = this.#embedded.get(struct);
    if (known === undefined) this.#embedded.set(struct, (known = new Map<number, readonly string[]>()));
    let names = known.get(offset);
    if (names === undefined) known.set(offset, (names = structsAt(this.catalog.keys, struct.ref, offset)));
    return names.includes(name);
  }

  /** The path of the member that a word is; of a union the one that can hold what was seen there. */
  memberAt(struct: StructType, offset: number, seen: Seen | undefined): string | undefined {
    const { keys } = this.catalog;
    const table =
      seen?.kind === 'symbol' && !seen.isCode && seen.symbol.symbol ? this.tableTypes(seen.symbol.symbol) : [];
    const fits = (value: ValueType): boolean => {
      if (seen?.kind === 'symbol' && seen.isCode) return value.kind === 'function';
      if (table.length === 0) return true;
      return value.kind === 'pointer' && value.to.kind === 'struct' && table.includes(value.to.name);
    };
    return pathAt(keys, struct.ref, offset, fits) ?? pathAt(keys, struct.ref, offset);
  }

  /** Text of the image at an address, as names are that structs point to. */
  textAt(address: bigint | undefined): string | undefined {
    const text = address === undefined ? undefined : ifThere(() => this.#kernel.memory.string(address, LONGEST_TEXT));
    return text !== undefined && /^[\x20-\x7e]{2,}$/.test(text) ? text : undefined;
  }

  sizeOf(struct: string): number | undefined {
    return this.catalog.find(struct)?.size;
  }
}
