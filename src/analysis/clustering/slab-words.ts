import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';
import type { NodeSpace } from '../reachability/node-space.ts';

/** Physical memory is read in stretches of this size at most. */
const BUFFER_BYTES = 2 ** 20;

/** A slab in memory. */
export interface SlabWords {
  readonly slab: number;
  readonly words: Uint32Array;
  /** Index of the first half word of its first page. */
  readonly at: number;
  /** Whether bytes of the slab, from `from` up to `to`, are in the dump. */
  readonly has: (from: number, to: number) => boolean;
}

const all = (): boolean => true;

/** The slabs that are wanted, in the order of memory; neighbours are read at once. What is yielded is valid until the next. */
export function* readSlabs(
  physical: PhysicalMemory,
  { table, pageSize }: NodeSpace,
  isWanted: (slab: number) => boolean,
): Generator<SlabWords> {
  let buffer = new Uint8Array(BUFFER_BYTES);
  const most = BUFFER_BYTES / pageSize;
  for (let slab = 0; slab < table.count;) {
    const frame = table.frame[slab] ?? 0;
    let [end, frames] = [slab, 0];
    while (end < table.count && table.frame[end] === frame + frames && isWanted(end)) {
      const pages = table.pages[end] ?? 1;
      if (end > slab && frames + pages > most) break;
      frames += pages;
      end++;
    }
    if (end === slab) {
      slab++;
      continue;
    }
    if (frames * pageSize > buffer.length) buffer = new Uint8Array(frames * pageSize);
    const gaps = physical.read(frame * pageSize, buffer.subarray(0, frames * pageSize));
    const words = new Uint32Array(buffer.buffer);
    for (; slab < end; slab++) {
      const start = ((table.frame[slab] ?? 0) - frame) * pageSize;
      const has =
        gaps.length === 0
          ? all
          : (from: number, to: number) =>
              !gaps.some(({ offset, length }) => offset < start + to && start + from < offset + length);
      yield { slab, words, at: start >>> 2, has };
    }
  }
}
