import type { Kernel } from '../../model/kernel/kernel.ts';
import { isText, type KernelSymbol } from '../../model/symbols/symbol-table.ts';
import type { WordCodes } from '../clustering/word-codes.ts';
import { explainWords, type Surroundings } from './score-fields.ts';
import type { StructType, TypeCatalog } from './type-catalog.ts';
import { wordsOf, type WordFacts } from './word-facts.ts';

/** Tables of functions are no longer; in bytes. */
const LONGEST = 1024;
/** How likely the next variable begins so many bytes behind the end of one: at once, or where it is aligned to, or not. */
const fill = (slack: number): number => (slack < 8 ? 1.5 : slack < 32 ? 0.5 : slack < 64 ? -0.5 : -3);
/** How much better than chance, and than the next best, a struct has to explain a table, in natural logarithms. */
const LEAST_SCORE = 5;
const LEAST_MARGIN = 2.5;

/** What a variable of the image or a module is, told by the functions it names. */
export interface TableType {
  /** One: it is that. Several fit alike: it is one of them. */
  readonly types: readonly StructType[];
}

/** Types of tables of functions: BTF has types, and says of no variable which one it has. */
export class TableTypes {
  readonly #kernel: Kernel;
  readonly #catalog: TypeCatalog;
  readonly #codes: WordCodes;
  readonly #around: Surroundings;
  readonly #known = new Map<bigint, TableType>();

  /** `around` is asked about functions alone. */
  constructor(kernel: Kernel, catalog: TypeCatalog, codes: WordCodes, around: Surroundings) {
    this.#kernel = kernel;
    this.#catalog = catalog;
    this.#codes = codes;
    this.#around = around;
  }

  typeOf(symbol: KernelSymbol): TableType {
    let type = this.#known.get(symbol.address);
    if (type === undefined) {
      this.#known.set(symbol.address, NONE);
      this.#known.set(symbol.address, (type = this.#infer(symbol)));
    }
    return type;
  }

  #infer(symbol: KernelSymbol): TableType {
    if (isText(symbol)) return NONE;
    const room = this.#room(symbol);
    const bytes = this.#kernel.memory.tryRead(symbol.address, room);
    if (!bytes) return NONE;
    const words = wordsOf(this.#codes, bytes);
    const scored = this.#candidates(words)
      .filter(({ size }) => size <= room)
      .map((type) => ({ type, score: this.#score(type, words, room) }))
      .toSorted((a, b) => b.score - a.score);
    const best = scored[0]?.score ?? 0;
    if (best < LEAST_SCORE) return NONE;
    return { types: scored.filter(({ score }) => score > best - LEAST_MARGIN).map(({ type }) => type) };
  }

  /** Where the next symbol begins, as far as tables go. */
  #room({ address }: KernelSymbol): number {
    let [inside, outside] = [0, LONGEST / 8];
    if (this.#kernel.symbols.at(address + BigInt(LONGEST - 8))?.address === address) return LONGEST;
    while (outside - inside > 1) {
      const middle = (inside + outside) >>> 1;
      if (this.#kernel.symbols.at(address + BigInt(middle * 8))?.address === address) inside = middle;
      else outside = middle;
    }
    return outside * 8;
  }

  #candidates(words: readonly WordFacts[]): readonly StructType[] {
    const found = new Set<StructType>();
    for (const [i, { facts }] of words.entries()) {
      const seen = facts[0]?.seen;
      if (seen?.kind !== 'symbol' || !seen.isCode || !seen.symbol.symbol) continue;
      const key = this.#around.keyOf(seen.symbol.symbol);
      if (key !== undefined) for (const type of this.#catalog.withFunction(i * 8, key)) found.add(type);
    }
    const larger = [...found].flatMap(({ name }) => this.#catalog.beginningWith(name));
    return [...new Set([...found, ...larger])];
  }

  #score(type: StructType, words: readonly WordFacts[], room: number): number {
    const { score } = explainWords(this.#around, type, this.#catalog.fields(type), words);
    return score + (room === LONGEST ? 0 : fill(room - type.size));
  }
}

const NONE: TableType = { types: [] };
