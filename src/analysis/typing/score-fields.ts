import type { KernelSymbol } from '../../model/symbols/symbol-table.ts';
import type { Field, Fields } from './struct-fields.ts';
import type { StructType } from './type-catalog.ts';
import type { Seen, WordFacts } from './word-facts.ts';

/** What scoring asks about things that words point to. */
export interface Surroundings {
  /** The key of a function's prototype, where the types have it, and how common the prototype is among members. */
  keyOf(symbol: KernelSymbol): number | undefined;
  shareOfKey(key: number): number;
  /** Names of structs that a table of the image is; empty where that is not known. */
  tableTypes(symbol: KernelSymbol): readonly string[];
  /** What a slab object may be: `isAll` where it cannot be anything else. */
  objectTypes(cache: number): { readonly types: readonly StructType[]; readonly isAll: boolean };
  /** Sizes that objects of a cache have, above and up to. */
  objectSizes(cache: number): readonly [number, number];
  /** Whether a struct, or one embedded in it, of that name begins at an offset. */
  contains(struct: StructType, offset: number, name: string): boolean;
  sizeOf(struct: string): number | undefined;
}

/** Columns of the tables below. */
const COLUMNS = [
  'zero',
  'number',
  'text',
  'memory',
  'page',
  'vmalloc',
  'self',
  'code',
  'data',
  'inside',
  'gone',
  'object',
] as const;
type Column = (typeof COLUMNS)[number];
type Chances = Readonly<Record<Column, number>>;

const chances = (...values: readonly number[]): Chances => {
  const of = (column: Column): number => values[COLUMNS.indexOf(column)] ?? 0.001;
  return {
    zero: of('zero'),
    number: of('number'),
    text: of('text'),
    memory: of('memory'),
    page: of('page'),
    vmalloc: of('vmalloc'),
    self: of('self'),
    code: of('code'),
    data: of('data'),
    inside: of('inside'),
    gone: of('gone'),
    object: of('object'),
  };
};

/** How often any word of the heap holds what, from the dumps of several kernels, rounded. */
const ANY: Chances = chances(0.45, 0.2, 0.03, 0.02, 0.01, 0.01, 0.05, 0.04, 0.04, 0.01, 0.005, 0.15);
/** The same for words of which the type is known: what a C compiler lets stand there. */
const OF_FIELD: Readonly<Record<Field['kind'], Chances>> = {
  function: chances(0.3, 0.004, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.62, 0.001, 0.002, 0.07, 0.0005),
  pointer: chances(0.35, 0.01, 0.001, 0.05, 0.02, 0.02, 0.08, 0.0004, 0.1, 0.001, 0.003, 0.36),
  long: chances(0.45, 0.45, 0.03, 0.01, 0.003, 0.003, 0.003, 0.005, 0.01, 0.003, 0.001, 0.02),
  numbers: chances(0.5, 0.46, 0.03, 0.0003, 0.0003, 0.0003, 0.0003, 0.0003, 0.0003, 0.0003, 0.0001, 0.0005),
  text: chances(0.3, 0.2, 0.25, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.0001, 0.0005),
  tagged: chances(0.35, 0.25, 0.005, 0.03, 0.005, 0.005, 0.08, 0.005, 0.03, 0.002, 0.002, 0.2),
};
/** Bytes between members: what was there before, often zero. */
const PADDING: Chances = chances(0.55, 0.2, 0.03, 0.01, 0.005, 0.005, 0.01, 0.01, 0.01, 0.005, 0.002, 0.05);

const columnOf = (seen: Seen): Column => {
  if (seen.kind !== 'symbol') return seen.kind;
  return seen.isCode ? 'code' : 'data';
};

/** No word speaks louder: a mistaken symbol must not decide alone. */
const MOST = 9;
const LEAST = -6;

/** How well a struct explains the words of a group. */
export interface Explained {
  /** How much better than chance, in natural logarithms. */
  readonly score: number;
  /** The same by word, as if it were the only one. */
  readonly words: Float64Array;
  /** Words that tell a type by themselves, best first: a rare prototype, a table, an object of a known type. */
  readonly telling: readonly number[];
}

/** A word that speaks for a type by itself. */
const TELLING = 2.4;

/**
 * What is found again and again speaks less each time, since words do not differ by chance alone: an array of pages has them
 * everywhere. What speaks against a struct counts in full.
 */
export function explainWords(
  around: Surroundings,
  struct: StructType,
  fields: Fields,
  words: readonly WordFacts[],
): Explained {
  const scores = new Float64Array(Math.min(fields.length, words.length));
  const speaking = new Map<string, number[]>();
  let score = 0;
  for (let i = 0; i < scores.length; i++) {
    const facts = words[i]?.facts ?? [];
    const word = facts.reduce((sum, fact) => sum + fact.share * scoreWord(around, struct, fields, i, fact.seen), 0);
    scores[i] = word;
    if (word < AGAINST) score += word;
    else note(speaking, kindOf(facts[0]?.seen), word);
  }
  for (const found of speaking.values()) {
    found.sort((a, b) => Math.abs(b) - Math.abs(a));
    for (const [i, value] of found.entries()) score += value / Math.sqrt(i + 1);
  }
  const telling = [...scores.keys()]
    .filter((i) => (scores[i] ?? 0) >= TELLING && words[i]?.facts[0]?.seen.kind !== 'self')
    .toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return { score, words: scores, telling };
}

const AGAINST = -1;

const note = (map: Map<string, number[]>, key: string, value: number): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};

/** What counts as the same kind of evidence: a symbol is its own, objects are alike by cache. */
function kindOf(seen: Seen | undefined): string {
  if (seen?.kind === 'symbol') return seen.symbol.address.toString(36);
  return seen?.kind === 'object' ? `object ${seen.cache}` : (seen?.kind ?? '');
}

function scoreWord(around: Surroundings, struct: StructType, fields: Fields, i: number, seen: Seen): number {
  const here = fields[i] ?? [];
  let best = here.length === 0 ? base(PADDING, seen) : -Infinity;
  for (const field of here) best = Math.max(best, scoreField(around, struct, field, i * 8, seen));
  return Math.min(MOST, Math.max(LEAST, best));
}

const base = (of: Chances, seen: Seen): number => {
  const column = columnOf(seen);
  return Math.log(of[column] / ANY[column]);
};

function scoreField(around: Surroundings, struct: StructType, field: Field, offset: number, seen: Seen): number {
  const plain = base(OF_FIELD[field.kind], seen);
  if (field.kind === 'function' && seen.kind === 'symbol' && seen.isCode)
    return scoreFunction(around, field.key, seen.symbol.symbol);
  if (field.kind !== 'pointer') return plain;
  // Anything may be kept behind void *, a function too.
  if (field.to.kind === 'void') return Math.max(plain, seen.kind === 'number' ? -1 : 0);
  if (seen.kind === 'object') return scoreObject(around, field, seen);
  if (seen.kind === 'self') return scoreSelf(around, struct, field, seen.offset, offset);
  if (seen.kind === 'symbol' && !seen.isCode) return scoreTable(around, field, seen);
  if (seen.kind === 'page' && field.to.kind === 'struct') return /^(?:page|folio|slab)$/.test(field.to.name) ? 4 : -3;
  return plain;
}

type PointerField = Extract<Field, { readonly kind: 'pointer' }>;

function scoreFunction(around: Surroundings, key: number, symbol: KernelSymbol | undefined): number {
  const of = symbol && around.keyOf(symbol);
  // A function of a module without types fits any pointer to a function.
  if (of === undefined) return 2;
  return of === key ? Math.log(0.6 / (0.04 * Math.max(around.shareOfKey(key), 0.0005))) : -4;
}

const isLink = ({ to }: PointerField): boolean =>
  to.kind === 'struct' && /^(?:list_head|hlist_node|hlist_bl_node|llist_node|rb_node|callback_head)$/.test(to.name);

function scoreObject(around: Surroundings, field: PointerField, seen: Extract<Seen, { kind: 'object' }>): number {
  const { to } = field;
  // Any pointer leads to objects more often than any word does.
  const plain = 0.9;
  if (to.kind !== 'struct' || isLink(field)) return to.kind === 'text' && seen.offset > 0 ? 0 : plain;
  const { types, isAll } = around.objectTypes(seen.cache);
  if (types.some((type) => around.contains(type, seen.offset, to.name))) return 4;
  if (isAll && types.length > 0) return -2.5;
  const size = around.sizeOf(to.name);
  if (size === undefined) return 0.5;
  const [above, upTo] = around.objectSizes(seen.cache);
  if (size + seen.offset > upTo) return -3;
  return seen.offset > 0 || size <= above ? 0 : 1.5;
}

/** Empty lists lead to their own head; other pointers into the same object to something that is embedded in it. */
function scoreSelf(around: Surroundings, struct: StructType, field: PointerField, to: number, offset: number): number {
  if (field.head !== undefined) return to === field.head ? 3.4 : to === field.head + 8 ? 1 : -2;
  if (field.to.kind !== 'struct') return field.to.kind === 'text' ? 1 : 0.5;
  if (isLink(field) && to === offset) return 3;
  return around.contains(struct, to, field.to.name) ? 2.5 : -2.5;
}

function scoreTable(around: Surroundings, { to, head }: PointerField, seen: Extract<Seen, { kind: 'symbol' }>): number {
  const plain = 0.9;
  const { symbol } = seen.symbol;
  if (to.kind !== 'struct' || head !== undefined || !symbol) return plain;
  if (symbol.name === '__this_module') return to.name === 'module' ? 5 : -3;
  if (seen.offset !== 0) return plain;
  const types = around.tableTypes(symbol);
  if (types.length === 0) return plain;
  return types.includes(to.name) ? 4.7 : -3;
}
