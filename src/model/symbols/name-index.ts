import { hashName, type NameList } from '../../formats/symbols/name-list.ts';

/** Lookups that go through all hashes one by one: making the slots costs as much, and most commands ask for less. */
const SCANS = 128;

/** Finds names by their hash: open addressing over indices, so that 150,000 names need no string each. */
export class NameIndex {
  readonly #names: NameList;
  readonly #hashes: Uint32Array;
  /** 1 + index of a name; 0 is a free slot. At most half of the slots are taken. */
  #slots: Uint32Array | undefined;
  readonly #shift: number;
  #asked = 0;

  constructor(names: NameList) {
    this.#names = names;
    this.#hashes = names.hashes();
    this.#shift = 32 - Math.max(1, Math.ceil(Math.log2(names.count + 1)) + 1);
  }

  /** The indices of all names that are `name`, in order. */
  find(name: string): number[] {
    return this.#asked++ < SCANS ? this.#scan(name) : this.#lookUp(name, (this.#slots ??= this.#fillSlots()));
  }

  #scan(name: string): number[] {
    const hash = hashName(name);
    const found: number[] = [];
    for (let i = this.#hashes.indexOf(hash); i >= 0; i = this.#hashes.indexOf(hash, i + 1))
      if (this.#names.text(i) === name) found.push(i);
    return found;
  }

  #lookUp(name: string, slots: Uint32Array): number[] {
    const hash = hashName(name);
    const found: number[] = [];
    for (let slot = this.#slotOf(hash); ; slot = (slot + 1) & (slots.length - 1)) {
      const i = (slots[slot] ?? 0) - 1;
      if (i < 0) return found;
      if (this.#hashes[i] === hash && this.#names.text(i) === name) found.push(i);
    }
  }

  #fillSlots(): Uint32Array {
    const slots = new Uint32Array(2 ** (32 - this.#shift));
    for (let i = 0; i < this.#hashes.length; i++) {
      let slot = this.#slotOf(this.#hashes[i] ?? 0);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = i + 1;
    }
    return slots;
  }

  /** The upper bits of a multiplication: the lower ones of a polynomial depend on the end of the name alone. */
  #slotOf(hash: number): number {
    return Math.imul(hash, 0x9e37_79b1) >>> this.#shift;
  }
}
