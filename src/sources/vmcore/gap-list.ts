import type { Gap } from '../../model/memory/physical-memory.ts';

/** Collects what a read did not find, in any order. */
export class GapList {
  #gaps: Gap[] = [];
  #ordered = true;

  /** Neighbours of one state become one gap. */
  add(offset: number, length: number, state: Gap['state']): void {
    const last = this.#gaps.at(-1);
    if (last === undefined) this.#gaps.push({ offset, length, state });
    else if (last.state === state && last.offset + last.length === offset)
      this.#gaps[this.#gaps.length - 1] = { offset: last.offset, length: last.length + length, state };
    else {
      if (offset < last.offset) this.#ordered = false;
      this.#gaps.push({ offset, length, state });
    }
  }

  /** By offset. */
  sorted(): readonly Gap[] {
    if (this.#ordered) return this.#gaps;
    const gaps = this.#gaps.toSorted((a, b) => a.offset - b.offset);
    this.#gaps = [];
    this.#ordered = true;
    for (const { offset, length, state } of gaps) this.add(offset, length, state);
    return this.#gaps;
  }
}
