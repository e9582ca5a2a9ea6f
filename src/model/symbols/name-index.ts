import { hashName, type NameList } from '../../formats/symbols/name-list.ts';

/** Finds names by their hash: open addressing over indices, so that 150,000 names need no string each. */
export class NameIndex {
  readonly #names: NameList;
  readonly #hashes: Uint32Array;
  /** 1 + index of a name; 0 is a free slot. At most half of the slots are taken. */
  readonly #slots: Uint32Array;
  readonly #shift: number;

  constructor(names: NameList) {
    const bits = Math.max(1, Math.ceil(Math.log2(names.count + 1)) + 1);
    this.#names = names;
    this.#hashes = names.hashes();
    this.#slots = new Uint32Array(2 ** bits);
    this.#shift = 32 - bits;
    for (let i = 0; i < names.count; i++) {
      let slot = this.#slotOf(this.#hashes[i] ?? 0);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = i + 1;
    }
  }

  /** The indices of all names that are `name`, in order. */
  find(name: string): number[] {
    const hash = hashName(name);
    const found: number[] = [];
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & (this.#slots.length - 1)) {
      const i = (this.#slots[slot] ?? 0) - 1;
      if (i < 0) return found;
      if (this.#hashes[i] === hash && this.#names.text(i) === name) found.push(i);
    }
  }

  /** The upper bits of a multiplication: the lower ones of a polynomial depend on the end of the name alone. */
  #slotOf(hash: number): number {
    return Math.imul(hash, 0x9e37_79b1) >>> this.#shift;
  }
}
