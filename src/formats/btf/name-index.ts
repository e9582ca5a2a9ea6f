import { encodeName, hashNameAt } from '../../base/name-hash.ts';
import type { NamedKind } from '../../base/type-graph.ts';
import { countOf, KIND, kindOf, KINDS } from './kinds.ts';
import type { StringTable } from './string-table.ts';

/** Kinds that have a name to look up; what is one kind for the reader (both sizes of enum) is one here. */
export const NAMED: Readonly<Record<NamedKind, number>> = {
  struct: KIND.struct,
  union: KIND.union,
  enum: KIND.enum,
  typedef: KIND.typedef,
  int: KIND.int,
  function: KIND.function,
  variable: KIND.variable,
};
/** Most names are functions, which few ask for: they have an index of their own. */
export type IndexedNames = 'types' | 'functions';

const isNamed = (kinds: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: KINDS }, (_, kind) => (kinds.includes(kind) ? 1 : 0));
const NAMED_IN: Readonly<Record<IndexedNames, Uint8Array>> = {
  functions: isNamed([KIND.function]),
  types: isNamed([...Object.values(NAMED).filter((kind) => kind !== KIND.function), KIND.enum64]),
};

/** The kind that a record counts as: both sizes of enum are one, and an enum without constants is a declaration. */
export const foundAs = (info: number): number => {
  const kind = kindOf(info);
  if (kind !== KIND.enum && kind !== KIND.enum64) return kind;
  return countOf(info) === 0 ? 0 : KIND.enum;
};

export interface NameIndex {
  /** Position in `starts`, not an id. */
  find(kind: NamedKind, name: string): number | undefined;
}

/** Open addressing over typed arrays: 60,000 names cost no strings. The first of equal names is found first. */
export function indexNames(
  which: IndexedNames,
  types: Uint32Array,
  starts: Uint32Array,
  strings: StringTable,
): NameIndex {
  const isIn = NAMED_IN[which];
  let named = 0;
  for (let i = 0; i < starts.length; i++) named += isIn[kindOf(types[(starts[i] ?? 0) + 1] ?? 0)] ?? 0;
  const mask = 2 ** Math.ceil(Math.log2(named * 2 + 2)) - 1;
  // Positions plus one; 0 is a free place.
  const slots = new Uint32Array(mask + 1);
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] ?? 0;
    const name = types[start] ?? 0;
    if (name === 0 || isIn[kindOf(types[start + 1] ?? 0)] !== 1) continue;
    let slot = strings.hash(name) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = i + 1;
  }
  return {
    find(kind, name) {
      const wanted = encodeName(name);
      if (wanted.length === 0) return undefined;
      for (let slot = hashNameAt(wanted, 0) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const position = (slots[slot] ?? 1) - 1;
        const start = starts[position] ?? 0;
        if (foundAs(types[start + 1] ?? 0) !== NAMED[kind]) continue;
        if (strings.equals(types[start] ?? 0, wanted)) return position;
      }
      return undefined;
    },
  };
}
