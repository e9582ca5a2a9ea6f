import type { Gap } from '../../model/memory/physical-memory.ts';

/** Collects what a read did not find, in order; neighbours of one state become one gap. */
export class GapList {
  readonly gaps: Gap[] = [];

  add(offset: number, length: number, state: Gap['state']): void {
    const last = this.gaps.at(-1);
    if (last?.state === state && last.offset + last.length === offset)
      this.gaps[this.gaps.length - 1] = { offset: last.offset, length: last.length + length, state };
    else this.gaps.push({ offset, length, state });
  }
}
