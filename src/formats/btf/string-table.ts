import { hashNameAt, isNameAt, nameAt } from '../../base/name-hash.ts';

/** Names by offset. A split table goes on where that of its base ends. */
export interface StringTable {
  /** One beyond the last offset. */
  readonly end: number;
  /** Empty for offsets that do not exist. */
  text(offset: number): string;
  hash(offset: number): number;
  equals(offset: number, name: Uint8Array): boolean;
}

export function openStringTable(bytes: Uint8Array, base?: StringTable): StringTable {
  const start = base?.end ?? 0;
  return {
    end: start + bytes.length,
    text: (offset) => (base && offset < start ? base.text(offset) : nameAt(bytes, offset - start)),
    hash: (offset) => (base && offset < start ? base.hash(offset) : hashNameAt(bytes, offset - start)),
    equals: (offset, name) =>
      base && offset < start ? base.equals(offset, name) : isNameAt(bytes, offset - start, name),
  };
}
