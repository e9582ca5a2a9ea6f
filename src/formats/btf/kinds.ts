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

// Bits 24-30 and 0-23 since 2026; before, those above bit 28 and above bit 15 were zero.
export const kindOf = (info: number): number => (info >>> 24) & 0x7f;
export const countOf = (info: number): number => info & 0xffffff;
export const flagOf = (info: number): boolean => info >>> 31 === 1;

export const KINDS = 128;

/** Words behind the record, by kind: a fixed number, and a number for each of the `vlen` parts. */
export interface RecordLengths {
  readonly isKnown: Uint8Array;
  readonly fixed: Uint8Array;
  readonly each: Uint8Array;
}

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

/**
 * `layout`: struct btf_layout for each kind, which newer files have: bytes behind a record u8, bytes of each part u8, flags
 * u16. It tells how long records of kinds are that came later than this.
 */
export function recordLengths(layout: Uint8Array): RecordLengths {
  const isKnown = Uint8Array.from({ length: KINDS }, (_, kind) => (kind > 0 && kind <= KIND.enum64 ? 1 : 0));
  const fixed = Uint8Array.from({ length: KINDS }, (_, kind) => FIXED[kind] ?? 0);
  const each = Uint8Array.from({ length: KINDS }, (_, kind) => EACH[kind] ?? 0);
  for (let kind = KIND.enum64 + 1; kind < KINDS && kind * 4 + 4 <= layout.length; kind++) {
    const [behind = 0, part = 0] = layout.subarray(kind * 4);
    if (behind % 4 !== 0 || part % 4 !== 0) continue;
    isKnown[kind] = 1;
    fixed[kind] = behind / 4;
    each[kind] = part / 4;
  }
  return { isKnown, fixed, each };
}
