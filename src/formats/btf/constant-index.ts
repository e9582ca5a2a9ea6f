import { encodeName, hashNameAt } from '../../base/name-hash.ts';
import { enumPart } from './decode-node.ts';
import { countOf } from './kinds.ts';
import type { StringTable } from './string-table.ts';

/** A constant: the record of its enumeration, in words, and its place in it. */
export interface ConstantPlace {
  readonly at: number;
  readonly i: number;
}

/** Finds constants of enumerations by their names; of equal names the first. `records`: where enumerations begin, in words. */
export function indexConstants(
  types: Uint32Array,
  records: readonly number[],
  strings: StringTable,
): (name: string) => ConstantPlace | undefined {
  const count = records.reduce((sum, at) => sum + countOf(types[at + 1] ?? 0), 0);
  const mask = 2 ** Math.ceil(Math.log2(count * 2 + 2)) - 1;
  // A record plus one, 0 is a free slot; and the place of the constant in it.
  const [owners, places] = [new Uint32Array(mask + 1), new Uint32Array(mask + 1)];
  for (const at of records) {
    const size = countOf(types[at + 1] ?? 0);
    for (let i = 0; i < size; i++) {
      let slot = strings.hash(types[enumPart(types, at, i)] ?? 0) & mask;
      while (owners[slot] !== 0) slot = (slot + 1) & mask;
      owners[slot] = at + 1;
      places[slot] = i;
    }
  }
  return (name) => {
    const wanted = encodeName(name);
    for (let slot = hashNameAt(wanted, 0) & mask; owners[slot] !== 0; slot = (slot + 1) & mask) {
      const [at, i] = [(owners[slot] ?? 1) - 1, places[slot] ?? 0];
      if (strings.equals(types[enumPart(types, at, i)] ?? 0, wanted)) return { at, i };
    }
    return undefined;
  };
}
