import type { CoreWhatis } from '../../findings/core/core-address.ts';
import type { CoreInfo } from '../../findings/core/core-info.ts';
import type { CoreSlabs } from '../../findings/core/core-slabs.ts';
import type { CoreLayout, CoreStruct } from '../../findings/core/core-struct.ts';
import { walkList } from '../../model/kernel/list.ts';
import { type StructView, viewStruct } from '../../model/layouts/struct-view.ts';
import type { KernelMemory } from '../../model/memory/kernel-memory.ts';
import type { SymbolTable } from '../../model/symbols/symbol-table.ts';
import { parseAddress, spell } from './addresses.ts';
import { coreInfo } from './info.ts';
import { coreWhatis } from './look-up.ts';
import { type SlabObject, walkObjects } from './objects.ts';
import type { OpenOptions } from './open-kernel.ts';
import { type PageFrame, walkPages } from './pages.ts';
import { CoreSession } from './session.ts';
import { coreSlabs } from './slabs.ts';
import { coreLayout, coreStruct } from './struct.ts';

export type { StructView } from '../../model/layouts/struct-view.ts';
export type { KernelMemory } from '../../model/memory/kernel-memory.ts';
export type { KernelSymbol, SymbolAt, SymbolTable } from '../../model/symbols/symbol-table.ts';
export { spell as spellAddress } from './addresses.ts';
export type { SlabObject } from './objects.ts';
export type { OpenOptions } from './open-kernel.ts';
export type { PageFrame } from './pages.ts';

/** A kernel address, or what stands for one on the command line: hexadecimal, a symbol, `symbol+0x10`. */
export type Address = bigint | string;

/**
 * Opens a crash dump for a script: its file, its folder, any part of a split one, or /proc/kcore. Throws InputError or
 * FormatError where it cannot be opened or no kernel is found in it.
 */
export function openCore(path: string, options: OpenOptions = {}): Core {
  return new Core(CoreSession.open(path, options));
}

/**
 * An open crash dump. What costs time is done once, when first asked for. Names are the kernel's; addresses that walks hand
 * out are numbers (bigint), those in documents (`info`, `slabs`, `whatis`, `decode`) are 16 hex digits, as `--json` prints
 * them. Memory that the dump lacks throws MemoryFault, a struct or member that its types lack LayoutError or InputError.
 */
export class Core {
  readonly #session: CoreSession;
  readonly #noticed: string[] = [];

  constructor(session: CoreSession) {
    this.#session = session;
  }

  /** `6.1.0-18-amd64`. */
  get release(): string {
    return this.#session.kernel.release;
  }

  get machine(): 'x86-64' | 'aarch64' {
    return this.#session.kernel.machine;
  }

  /** Memory by kernel address: `read`, `tryRead`, `u8` to `u64`, `string`, `translate`. */
  get memory(): KernelMemory {
    return this.#session.kernel.memory;
  }

  /** Symbols of the kernel and its modules: `find` a name, `spell` an address, all that are `matching`. */
  get symbols(): SymbolTable {
    return this.#session.kernel.symbols;
  }

  /** What `kleak core info` prints. */
  info(): CoreInfo {
    return coreInfo(this.#session);
  }

  /** What `kleak core slabs` prints: every slab cache with its counts, the largest first. */
  slabs(): CoreSlabs {
    return coreSlabs(this.#session);
  }

  /** The objects of a slab cache, by its name or an alias, in the order of memory; free ones too. */
  objects(cache: string): Generator<SlabObject> {
    return walkObjects(this.#session, cache);
  }

  /** Every page frame that the machine has, and what it is used for. */
  pages(): Generator<PageFrame> {
    return walkPages(this.#session);
  }

  /** What `kleak core whatis` prints: symbol, page, slab object. */
  whatis(address: Address): CoreWhatis {
    return coreWhatis(this.#session, typeof address === 'string' ? address : spell(address));
  }

  /** The number of an address that is spelled in words. */
  address(address: Address): bigint {
    if (typeof address === 'string') return parseAddress(this.#session.kernel, address);
    return BigInt.asUintN(64, address);
  }

  /** The struct at an address, its members by path: `struct('dentry', address).text('d_name.name')`. */
  struct(type: string, address: Address): StructView {
    const { memory, layouts } = this.#session.kernel;
    return viewStruct(memory, layouts, type, this.address(address));
  }

  /** Where a member lies in a struct, in bytes; undefined where the types have none of that name. */
  offsetOf(type: string, path: string): number | undefined {
    return this.#session.kernel.layouts.member(type, path)?.offset;
  }

  /**
   * The structs on a list, as list_for_each_entry takes them: `list('modules', 'module', 'list')`. The head itself is not
   * one of them. A torn or circular list ends, and `problems` says so.
   */
  *list(head: Address, type: string, member: string): Generator<StructView> {
    const { memory, layouts } = this.#session.kernel;
    const layout = layouts.needStruct(type);
    const offset = BigInt(layout.need(member).offset);
    const start = this.address(head);
    const problem = (what: string): void => void this.#noticed.push(`the list at ${spell(start)} ${what}`);
    for (const entry of walkList(memory, start, problem)) yield viewStruct(memory, layouts, layout, entry - offset);
  }

  /** What `kleak core struct` prints of a struct in memory: `decode('kmem_cache.name,size', address)`. */
  decode(type: string, address: Address): CoreStruct {
    return coreStruct(this.#session.kernel, type, typeof address === 'string' ? address : spell(address));
  }

  /** What `kleak core struct` prints of a struct's layout. */
  layout(type: string): CoreLayout {
    return coreLayout(this.#session.kernel, type);
  }

  /** What was found wrong with the dump so far, by opening it and by walks. */
  problems(): readonly string[] {
    const { kernel } = this.#session;
    return [...kernel.problems.map(({ problem }) => problem), ...this.#noticed];
  }

  close(): void {
    this.#session.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
