import type { Abbreviations } from './abbreviations.ts';
import { lebBig, readUleb, readUnsigned, skipLeb } from './bytes.ts';
import { blockLengthBytes, FORM, formLayouts, isAlternate, LAYOUT, NO_SLOT, SLOT, type Slot, SLOTS } from './codes.ts';
import type { Unit } from './units.ts';

/**
 * Reads entries of one unit. It holds the last entry that was read; what is needed of it has to be taken before the next
 * is read. Offsets are those of the section.
 */
export class DieReader {
  readonly unit: Unit;
  /** The whole unit. */
  readonly bytes: Uint8Array;
  /** DW_AT_str_offsets_base, for names by index. */
  stringOffsetsBase = 8;

  offset = 0;
  tag = 0;
  hasChildren = false;
  /** Where the next entry begins: the first child, or the sibling. */
  next = 0;
  /** Something in this unit has a form that is not known: nothing behind it can be found. */
  isDamaged = false;

  readonly #abbreviations: Abbreviations;
  readonly #layouts: Uint8Array;
  readonly #forms = new Uint16Array(SLOTS);
  readonly #values = new Float64Array(SLOTS);
  /** Where the values of the last entry begin, in `bytes`. */
  readonly #places = new Uint32Array(SLOTS);
  #value = 0;

  constructor(unit: Unit, bytes: Uint8Array, abbreviations: Abbreviations) {
    this.unit = unit;
    this.bytes = bytes;
    this.#abbreviations = abbreviations;
    this.#layouts = formLayouts(unit.version, unit.addressSize, unit.offsetSize);
  }

  /** Reads the entry at an offset; false at the end of a list of children, and at the end of the unit. */
  read(offset: number): boolean {
    const { bytes } = this;
    const base = this.unit.offset;
    let at = offset - base;
    this.offset = offset;
    this.tag = 0;
    this.#forms.fill(0);
    if (at < 0 || at >= bytes.length) return this.#end(bytes.length);
    const code = readUleb(bytes, at);
    at = skipLeb(bytes, at);
    if (code === 0) return this.#end(at);
    const shape = this.#abbreviations.starts[code];
    if (shape === undefined) return this.#damaged();
    const { shapes } = this.#abbreviations;
    const attributesEnd = shape + 3 + 3 * (shapes[shape + 2] ?? 0);
    for (let i = shape + 3; i < attributesEnd; i += 3) {
      const slot = shapes[i + 1] ?? NO_SLOT;
      at = this.#attribute(at, shapes[i] ?? 0, slot, shapes[i + 2] ?? 0);
      if (at < 0) return this.#damaged();
    }
    this.tag = shapes[shape] ?? 0;
    this.hasChildren = shapes[shape + 1] === 1;
    this.next = base + at;
    return true;
  }

  has(slot: Slot): boolean {
    return this.#forms[slot] !== 0;
  }
  /** 0 for an attribute that the entry has not, NaN for an expression. References are offsets in the section. */
  value(slot: Slot): number {
    return this.#forms[slot] === 0 ? 0 : (this.#values[slot] ?? 0);
  }
  form(slot: Slot): number {
    return this.#forms[slot] ?? 0;
  }
  /** Where the value begins in `bytes`. */
  place(slot: Slot): number {
    return this.#places[slot] ?? 0;
  }

  /** A constant, exactly; those in fixed widths have no sign. Undefined for an expression. */
  constant(slot: Slot): bigint | undefined {
    const form = this.form(slot);
    const at = this.place(slot);
    const layout = this.#layouts[form] ?? LAYOUT.unknown;
    if (layout === LAYOUT.sleb || layout === LAYOUT.uleb) return lebBig(this.bytes, at, layout === LAYOUT.sleb);
    const value = this.value(slot);
    if (form === FORM.implicitConst || layout !== 8) return Number.isInteger(value) ? BigInt(value) : undefined;
    return (BigInt(readUnsigned(this.bytes, at + 4, 4)) << 32n) | BigInt(readUnsigned(this.bytes, at, 4));
  }

  /** Where the sibling of the last entry begins. Without DW_AT_sibling its children are read. */
  skipChildren(): number {
    if (!this.hasChildren) return this.next;
    const sibling = this.value(SLOT.sibling);
    if (sibling > this.offset && sibling <= this.unit.end) return sibling;
    let at = this.next;
    for (let depth = 1; depth > 0 && at < this.unit.end;) {
      if (!this.read(at)) depth--;
      else if (this.hasChildren) depth++;
      at = this.next;
      // Of what is deeper, the siblings help as well.
      const inner = this.tag === 0 ? 0 : this.value(SLOT.sibling);
      if (this.hasChildren && inner > at && inner <= this.unit.end) {
        depth--;
        at = inner;
      }
    }
    return at;
  }

  /** Returns where the next attribute begins; -1 for a form that is not known. */
  #attribute(at: number, form: number, slot: number, implicit: number): number {
    let layout = this.#layouts[form] ?? (isAlternate(form) ? this.unit.offsetSize : LAYOUT.unknown);
    if (layout === LAYOUT.indirect) {
      const stated = readUleb(this.bytes, at);
      layout = this.#layouts[stated] ?? LAYOUT.unknown;
      if (layout === LAYOUT.indirect || stated === FORM.implicitConst) return -1;
      return this.#attribute(skipLeb(this.bytes, at), stated, slot, 0);
    }
    if (slot === NO_SLOT && layout <= LAYOUT.sleb) return layout < LAYOUT.uleb ? at + layout : skipLeb(this.bytes, at);
    const end = layout < LAYOUT.uleb ? this.#fixed(at, layout) : this.#variable(at, form, layout);
    if (slot === NO_SLOT) return end;
    this.#forms[slot] = form;
    this.#places[slot] = at;
    this.#values[slot] = this.#meaning(form, implicit);
    return end;
  }

  #meaning(form: number, implicit: number): number {
    if (form >= FORM.ref1 && form <= FORM.refUdata) return this.#value + this.unit.offset;
    if (form === FORM.implicitConst) return implicit;
    return form === FORM.flagPresent ? 1 : this.#value;
  }

  #fixed(at: number, size: number): number {
    this.#value = readUnsigned(this.bytes, at, size);
    return at + size;
  }

  #variable(at: number, form: number, layout: number): number {
    const { bytes } = this;
    if (layout === LAYOUT.uleb) {
      this.#value = readUleb(bytes, at);
      return skipLeb(bytes, at);
    }
    if (layout === LAYOUT.sleb) {
      this.#value = Number(lebBig(bytes, at, true));
      return skipLeb(bytes, at);
    }
    if (layout === LAYOUT.text) {
      const end = bytes.indexOf(0, at);
      this.#value = at;
      return end < 0 ? bytes.length : end + 1;
    }
    if (layout !== LAYOUT.block) return -1;
    const width = blockLengthBytes(form);
    const length = width > 0 ? readUnsigned(bytes, at, width) : readUleb(bytes, at);
    const start = width > 0 ? at + width : skipLeb(bytes, at);
    this.#value = blockNumber(bytes, start, length);
    return Math.min(start + length, bytes.length);
  }

  #end(at: number): false {
    this.hasChildren = false;
    this.next = this.unit.offset + at;
    return false;
  }

  #damaged(): false {
    this.isDamaged = true;
    this.tag = 0;
    return this.#end(this.bytes.length);
  }
}

const DW_OP_PLUS_UCONST = 0x23;

/** Before DWARF 3 the place of a member was an expression: "plus a constant". */
const blockNumber = (bytes: Uint8Array, start: number, length: number): number =>
  length > 1 && bytes[start] === DW_OP_PLUS_UCONST ? readUleb(bytes, start + 1) : Number.NaN;
