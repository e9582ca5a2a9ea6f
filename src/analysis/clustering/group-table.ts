import { Spread } from './spread.ts';

/** Samples kept of each kind of content: so many, up to twice as many. */
const SAMPLES = 32;
const FIRST_SLOTS = 1024;
/** Beyond, objects of content not met before count as one kind. */
const MOST_KINDS = 60_000;

/** One kind of content in a cache: objects whose leading words have the same codes. */
export interface ContentKind {
  readonly codes: Uint32Array;
  objects: number;
  unreachable: number;
  /** Objects by number, spread; unreachable ones apart from the others. */
  readonly reached: Spread;
  readonly lost: Spread;
}

/** The kinds of content in one cache, found by a hash of the codes: an object costs no string and no object. */
export class GroupTable {
  readonly kinds: ContentKind[] = [];
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #hashes: number[] = [];

  /** Counts an object whose leading words have the codes `codes[0…words]`; returns the number of its kind. */
  add(codes: Uint32Array, words: number, object: number, isLost: boolean): number {
    let number = this.#find(codes, words);
    // What is beyond has a kind of its own, without words.
    if (number < 0) number = this.#find(codes, 0);
    const kind = this.kinds[number];
    if (kind === undefined) return 0;
    kind.objects++;
    if (isLost) kind.unreachable++;
    (isLost ? kind.lost : kind.reached).add(object);
    return number;
  }

  #find(codes: Uint32Array, words: number): number {
    const hash = hashOf(codes, words);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? -1;
      if (number < 0) break;
      if (this.#hashes[number] === hash && isSame(this.kinds[number]?.codes, codes, words)) return number;
    }
    if (words > 0 && this.kinds.length >= MOST_KINDS) return -1;
    this.#slots[slot] = this.kinds.length;
    this.#hashes.push(hash);
    this.kinds.push({
      codes: codes.slice(0, words),
      objects: 0,
      unreachable: 0,
      reached: new Spread(2 * SAMPLES),
      lost: new Spread(2 * SAMPLES),
    });
    if (this.kinds.length * 2 > this.#slots.length) this.#grow();
    return this.kinds.length - 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = this.#slots.length - 1;
    for (const [number, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while ((this.#slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}

function hashOf(codes: Uint32Array, words: number): number {
  let hash = words;
  for (let i = 0; i < words; i++) {
    hash = Math.imul(hash ^ (codes[i] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function isSame(known: Uint32Array | undefined, codes: Uint32Array, words: number): boolean {
  if (known?.length !== words) return false;
  for (let i = 0; i < words; i++) if (known[i] !== codes[i]) return false;
  return true;
}
