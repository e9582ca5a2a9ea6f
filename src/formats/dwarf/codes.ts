/** DW_TAG_* of DWARF 5, section 7.5.3: those that types are made of. */
export const TAG = {
  array: 0x01,
  enumeration: 0x04,
  formalParameter: 0x05,
  member: 0x0d,
  pointer: 0x0f,
  structure: 0x13,
  subroutine: 0x15,
  typedef: 0x16,
  union: 0x17,
  unspecifiedParameters: 0x18,
  subrange: 0x21,
  base: 0x24,
  const: 0x26,
  enumerator: 0x28,
  subprogram: 0x2e,
  variable: 0x34,
  volatile: 0x35,
  restrict: 0x37,
  unspecified: 0x3b,
  atomic: 0x47,
} as const;

/** The attributes that are kept of an entry, each in its place. */
export const SLOT = {
  name: 0,
  byteSize: 1,
  encoding: 2,
  type: 3,
  sibling: 4,
  declaration: 5,
  memberLocation: 6,
  bitSize: 7,
  bitOffset: 8,
  dataBitOffset: 9,
  upperBound: 10,
  count: 11,
  constValue: 12,
  specification: 13,
  language: 14,
  stringOffsetsBase: 15,
} as const;
export type Slot = (typeof SLOT)[keyof typeof SLOT];
export const SLOTS: number = Object.keys(SLOT).length;
export const NO_SLOT = 0xff;

/** DW_AT_* of section 7.5.4, by the place of their value. */
const ATTRIBUTES: ReadonlyMap<number, Slot> = new Map<number, Slot>([
  [0x01, SLOT.sibling],
  [0x03, SLOT.name],
  [0x0b, SLOT.byteSize],
  [0x0c, SLOT.bitOffset],
  [0x0d, SLOT.bitSize],
  [0x13, SLOT.language],
  [0x1c, SLOT.constValue],
  [0x2f, SLOT.upperBound],
  [0x37, SLOT.count],
  [0x38, SLOT.memberLocation],
  [0x3c, SLOT.declaration],
  [0x3e, SLOT.encoding],
  [0x47, SLOT.specification],
  [0x49, SLOT.type],
  [0x6b, SLOT.dataBitOffset],
  [0x72, SLOT.stringOffsetsBase],
]);

export const slotOf = (attribute: number): number => ATTRIBUTES.get(attribute) ?? NO_SLOT;

/** DW_FORM_* of section 7.5.6 that are looked at; the rest is known by its width. */
export const FORM = {
  string: 0x08,
  block: 0x09,
  sdata: 0x0d,
  strp: 0x0e,
  ref1: 0x11,
  refUdata: 0x15,
  indirect: 0x16,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  lineStrp: 0x1f,
  implicitConst: 0x21,
  strx1: 0x25,
  strx4: 0x28,
} as const;

/** How a value is laid out: a number of bytes, or one of these. */
export const LAYOUT = { uleb: 0xf0, sleb: 0xf1, text: 0xf2, block: 0xf3, indirect: 0xf4, unknown: 0xff } as const;

/** Bytes by form. `a` the size of an address, `o` that of an offset, letters for what is not fixed. */
const FORMS: readonly (readonly [number, number | 'a' | 'o' | 'ref_addr' | keyof typeof LAYOUT])[] = [
  [0x01, 'a'],
  [0x03, 'block'],
  [0x04, 'block'],
  [0x05, 2],
  [0x06, 4],
  [0x07, 8],
  [0x08, 'text'],
  [0x09, 'block'],
  [0x0a, 'block'],
  [0x0b, 1],
  [0x0c, 1],
  [0x0d, 'sleb'],
  [0x0e, 'o'],
  [0x0f, 'uleb'],
  [0x10, 'ref_addr'],
  [0x11, 1],
  [0x12, 2],
  [0x13, 4],
  [0x14, 8],
  [0x15, 'uleb'],
  [0x16, 'indirect'],
  [0x17, 'o'],
  [0x18, 'block'],
  [0x19, 0],
  [0x1a, 'uleb'],
  [0x1b, 'uleb'],
  [0x1c, 4],
  [0x1d, 'o'],
  [0x1e, 16],
  [0x1f, 'o'],
  [0x20, 8],
  [0x21, 0],
  [0x22, 'uleb'],
  [0x23, 'uleb'],
  [0x24, 8],
  [0x25, 1],
  [0x26, 2],
  [0x27, 3],
  [0x28, 4],
  [0x29, 1],
  [0x2a, 2],
  [0x2b, 3],
  [0x2c, 4],
];

/** Layouts by form, for units of that version and width of offsets. */
export function formLayouts(version: number, addressSize: number, offsetSize: number): Uint8Array {
  const layouts = new Uint8Array(64).fill(LAYOUT.unknown);
  // Until DWARF 2 a reference into another unit had the size of an address.
  const named = { a: addressSize, o: offsetSize, ref_addr: version <= 2 ? addressSize : offsetSize, ...LAYOUT };
  for (const [form, layout] of FORMS) layouts[form] = typeof layout === 'number' ? layout : named[layout];
  return layouts;
}

/** DW_FORM_GNU_ref_alt and DW_FORM_GNU_strp_alt, what dwz writes; they are an offset into another file. */
export const isAlternate = (form: number): boolean => form === 0x1f20 || form === 0x1f21;
/** Bytes before the length of a block ends: DW_FORM_block1, block2, block4; 0 for a LEB128 length. */
export const blockLengthBytes = (form: number): number =>
  form === 0x0a ? 1 : form === 0x03 ? 2 : form === 0x04 ? 4 : 0;

/** DW_LANG_* whose units are of no use: assembler has no types, Rust other ones. */
export const isForeignLanguage = (language: number): boolean => language === 0x8001 || language === 0x1c;
