import type { AddressSpace } from '../../model/memory/address-space.ts';
import { isText } from '../../model/symbols/symbol-table.ts';
import { isTextWord, classOf, detailOf, WORD, type SeenSymbol, type WordCodes } from '../clustering/word-codes.ts';
import { nodeAtPhysical, type NodeSpace } from '../reachability/node-space.ts';

/** What one word of an object holds. */
export type Seen =
  | { readonly kind: 'zero' | 'number' | 'text' | 'memory' | 'page' | 'vmalloc' }
  /** Into the object itself, so many bytes from its start. */
  | { readonly kind: 'self'; readonly offset: number }
  /** A function, or data of the image or a module: so many bytes from its start. */
  | { readonly kind: 'symbol'; readonly symbol: SeenSymbol; readonly isCode: boolean; readonly offset: number }
  /** `inside`: into the code of a function; `gone`: into code that is no longer there. */
  | { readonly kind: 'inside' | 'gone'; readonly symbol: SeenSymbol }
  /** Into a slab object of a cache, so many bytes from its start. */
  | { readonly kind: 'object'; readonly cache: number; readonly offset: number };

/** What a word holds in a share of the objects that were looked at. */
export interface WordFact {
  readonly seen: Seen;
  readonly share: number;
}

/** A word of the objects of one group. */
export interface WordFacts {
  readonly facts: readonly WordFact[];
  /** The same in all of them. */
  readonly value?: bigint;
}

/** The content of a group, by word, as a few of its objects show it. */
export interface GroupFacts {
  readonly words: readonly WordFacts[];
  /** Objects that were read. */
  readonly samples: number;
  /** Of each sample and word the node it points to, −1 for none; samples in the order of `objects`. */
  readonly objects: readonly number[];
  readonly targets: readonly Int32Array[];
}

/** Reads objects one by one. */
export interface SampleReader {
  readonly memory: AddressSpace;
  readonly space: NodeSpace;
  readonly codes: WordCodes;
}

/** Where an object lies, physically. */
export function placeOfObject({ table, strides, pageSize }: NodeSpace, object: number): number {
  const slab = table.slabOf(object);
  const index = object - (table.first[slab] ?? 0);
  const stride = strides[table.cache[slab] ?? 0] ?? 0;
  return (table.frame[slab] ?? 0) * pageSize + (table.start[slab] ?? 0) + index * stride;
}

/** Looks at words of memory that are no slab object: of a table in the image. */
export function wordsOf(codes: WordCodes, bytes: Uint8Array): readonly WordFacts[] {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  return Array.from({ length: words.length >>> 1 }, (_, i) => {
    const [low, high] = [words[2 * i] ?? 0, words[2 * i + 1] ?? 0];
    const seen = seenOf(codes, codes.code(low, high, -1, 0), low, high);
    return { facts: [{ seen, share: 1 }], value: (BigInt(high) << 32n) | BigInt(low) };
  });
}

/** Looks at objects of one cache, `stride` bytes each. Those that are not in the dump are left out. */
export function groupFacts(reader: SampleReader, objects: readonly number[], stride: number): GroupFacts {
  const count = stride >>> 3;
  const bytes = new Uint8Array(count * 8);
  const words = new Uint32Array(bytes.buffer);
  const tallies = Array.from({ length: count }, () => new WordTally());
  const read: number[] = [];
  const targets: Int32Array[] = [];
  for (const object of objects) {
    const at = placeOfObject(reader.space, object);
    if (reader.memory.physical.read(at, bytes).length > 0) continue;
    read.push(object);
    const pointed = new Int32Array(count).fill(-1);
    for (let i = 0; i < count; i++) {
      const [low, high] = [words[2 * i] ?? 0, words[2 * i + 1] ?? 0];
      const { seen, target } = lookAt(reader, low, high, at, stride);
      pointed[i] = target;
      tallies[i]?.add(seen, low, high);
    }
    targets.push(pointed);
  }
  return { words: tallies.map((tally) => tally.finish(read.length)), samples: read.length, objects: read, targets };
}

const ZERO: Seen = { kind: 'zero' };
const NUMBER: Seen = { kind: 'number' };
const TEXT: Seen = { kind: 'text' };
const MEMORY: Seen = { kind: 'memory' };
const PAGE: Seen = { kind: 'page' };
const VMALLOC: Seen = { kind: 'vmalloc' };

function lookAt(
  { space, codes }: SampleReader,
  low: number,
  high: number,
  self: number,
  stride: number,
): { readonly seen: Seen; readonly target: number } {
  const code = codes.code(low, high, self, stride);
  if (classOf(code) === WORD.object) return lookIntoSlab(space, low, high);
  return { seen: seenOf(codes, code, low, high), target: -1 };
}

function seenOf(codes: WordCodes, code: number, low: number, high: number): Seen {
  const detail = detailOf(code);
  const symbol = codes.symbols[detail];
  switch (classOf(code)) {
    case WORD.self:
      return { kind: 'self', offset: detail };
    case WORD.symbol:
      return symbol ? seenSymbol(symbol, low) : NUMBER;
    case WORD.inside:
      return symbol ? { kind: 'inside', symbol } : NUMBER;
    case WORD.gone:
      return symbol ? { kind: 'gone', symbol } : NUMBER;
    case WORD.memory:
      return MEMORY;
    case WORD.page:
      return PAGE;
    case WORD.vmalloc:
      return VMALLOC;
    default:
      return lookAtData(low, high);
  }
}

/** No symbol is as large as 4 GiB: the lower halves tell the offset. */
const seenSymbol = (symbol: SeenSymbol, low: number): Seen => ({
  kind: 'symbol',
  symbol,
  isCode: symbol.symbol !== undefined && isText(symbol.symbol),
  offset: (low - Number(symbol.address & 0xffffffffn)) >>> 0,
});

function lookAtData(low: number, high: number): Seen {
  if (low === 0 && high === 0) return ZERO;
  return isTextWord(low, high) ? TEXT : NUMBER;
}

function lookIntoSlab(space: NodeSpace, low: number, high: number): { readonly seen: Seen; readonly target: number } {
  const physical = (high - space.directMap.high) * 4294967296 + (low - space.directMap.low);
  const target = nodeAtPhysical(space, physical);
  if (target < 0 || target >= space.table.objects) return { seen: MEMORY, target: -1 };
  const offset = physical - placeOfObject(space, target);
  return { seen: { kind: 'object', cache: space.table.cacheOf(target), offset }, target };
}

/** Of a word only what is most frequent is kept. */
const MOST_FACTS = 6;

/** Counts what a word holds over the objects of a group. */
class WordTally {
  readonly #counts = new Map<string, { readonly seen: Seen; count: number }>();
  #low = 0;
  #high = 0;
  #added = 0;
  #isSame = true;

  add(seen: Seen, low: number, high: number): void {
    if (this.#added++ === 0) [this.#low, this.#high] = [low, high];
    else if (low !== this.#low || high !== this.#high) this.#isSame = false;
    const key = keyOf(seen);
    const known = this.#counts.get(key);
    if (known) known.count++;
    else this.#counts.set(key, { seen, count: 1 });
  }

  finish(samples: number): WordFacts {
    const facts = [...this.#counts.values()]
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MOST_FACTS)
      .map(({ seen, count }) => ({ seen, share: count / samples }));
    return this.#isSame && samples > 0 ? { facts, value: (BigInt(this.#high) << 32n) | BigInt(this.#low) } : { facts };
  }
}

function keyOf(seen: Seen): string {
  switch (seen.kind) {
    case 'self':
      return `self ${seen.offset}`;
    case 'symbol':
      return `symbol ${seen.symbol.address.toString(36)} ${seen.offset}`;
    case 'inside':
    case 'gone':
      return `${seen.kind} ${seen.symbol.address.toString(36)}`;
    case 'object':
      return `object ${seen.cache} ${seen.offset}`;
    case 'zero':
    case 'number':
    case 'text':
    case 'memory':
    case 'page':
    case 'vmalloc':
      return seen.kind;
  }
}
