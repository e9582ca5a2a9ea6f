/** `BTF_KIND_*` of include/uapi/linux/btf.h. */
export const KIND = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  dataSection: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Words of a record before what depends on its kind: name_off, info, size or type. */
export const RECORD_WORDS = 3;

export const kindOf = (info: number): number => (info >>> 24) & 0x1f;
export const countOf = (info: number): number => info & 0xffff;
export const flagOf = (info: number): boolean => info >>> 31 === 1;

/** Words behind the record, by kind: a fixed number, and a number for each of the `vlen` parts. */
const FIXED: Readonly<Partial<Record<number, number>>> = {
  [KIND.int]: 1,
  [KIND.array]: 3,
  [KIND.variable]: 1,
  [KIND.declarationTag]: 1,
};
const EACH: Readonly<Partial<Record<number, number>>> = {
  [KIND.struct]: 3,
  [KIND.union]: 3,
  [KIND.enum]: 2,
  [KIND.prototype]: 2,
  [KIND.dataSection]: 3,
  [KIND.enum64]: 3,
};
const fixedWords = Uint8Array.from({ length: 32 }, (_, kind) => FIXED[kind] ?? 0);
const wordsEach = Uint8Array.from({ length: 32 }, (_, kind) => EACH[kind] ?? 0);

/** How long a record is, in words; undefined for a kind that is not known. */
export function recordWords(info: number): number | undefined {
  const kind = kindOf(info);
  if (kind === 0 || kind > KIND.enum64) return undefined;
  return RECORD_WORDS + (fixedWords[kind] ?? 0) + (wordsEach[kind] ?? 0) * countOf(info);
}
