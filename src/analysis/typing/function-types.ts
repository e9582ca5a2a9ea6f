import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Layouts } from '../../model/layouts/layouts.ts';
import type { KernelSymbol, SymbolTable } from '../../model/symbols/symbol-table.ts';
import type { TypeKeys } from './type-keys.ts';

/** Compilers add these to names of functions that they made another of; with `.isra` parameters are missing. */
const SUFFIX = /\.(?:cold|constprop|llvm|lto_priv|part)\b.*$/;
const CHANGED = /\.isra\b/;

/** Prototypes of functions, by their names. */
export class FunctionTypes {
  readonly #layouts: Layouts;
  readonly #symbols: SymbolTable;
  readonly #keys: TypeKeys;
  readonly #known = new Map<string, number | undefined>();

  constructor({ layouts, symbols }: Kernel, keys: TypeKeys) {
    this.#layouts = layouts;
    this.#symbols = symbols;
    this.#keys = keys;
  }

  /**
   * The key of a function's prototype; undefined where the types do not say: modules without types, assembly, and functions
   * of one name in several files, of which BTF keeps one.
   */
  keyOf({ name, module }: KernelSymbol): number | undefined {
    const key = `${module ?? ''} ${name}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const isTold = !CHANGED.test(name) && this.#isOnlyOne(name, module);
    const found = !isTold ? undefined : this.#find(name.replace(SUFFIX, ''), module);
    this.#known.set(key, found);
    return found;
  }

  #isOnlyOne(name: string, module: string | undefined): boolean {
    return this.#symbols.findAll(name).filter((symbol) => symbol.module === module).length < 2;
  }

  #find(name: string, module: string | undefined): number | undefined {
    // A module's own function comes before one of that name in the kernel.
    const graphs = this.#layouts.graphs.toSorted(
      (a, b) => Number(isOf(b.source, module)) - Number(isOf(a.source, module)),
    );
    for (const graph of graphs) {
      if (graph !== this.#layouts.graphs[0] && !isOf(graph.source, module)) continue;
      const id = graph.find('function', name);
      const node = id === undefined ? undefined : graph.node(id);
      if (node?.kind === 'function') return this.#keys.prototype(graph, node.prototype);
    }
    return undefined;
  }
}

/** The types of a module say in their source which it is: `BTF of the module ext4`. */
const isOf = (source: string, module: string | undefined): boolean =>
  module !== undefined && source.endsWith(` module ${module}`);
