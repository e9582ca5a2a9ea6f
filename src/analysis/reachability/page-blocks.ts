import { kindByte } from '../../model/kernel/page-kinds.ts';
import type { PageCensus } from '../../model/kernel/page-census.ts';

/** A block that the page allocator gave out and whose use no flag tells. */
export interface PageBlock {
  readonly frame: number;
  readonly frames: number;
  readonly compound: boolean;
}

/** The largest block there is, as a power of two. */
const MOST_ORDER = 10;

/**
 * Blocks of the page allocator, in the order of frames. A compound page says how far it goes. A block that was not taken as
 * one has a count on its first page only: as many uncounted pages behind it belong to it as make a power of two, to which
 * the first is aligned.
 */
export function* pageBlocks({ kinds, tails }: PageCensus): Generator<PageBlock> {
  const [single, compound, large, uncounted] = (['single', 'compound', 'large-kmalloc', 'uncounted'] as const).map(
    kindByte,
  );
  for (let frame = 0; frame < kinds.length;) {
    const kind = kinds[frame];
    let end = frame + 1;
    if (kind === compound || kind === large) while (end < kinds.length && tails.has(end)) end++;
    else if (kind === single) {
      while (end < kinds.length && end - frame < 2 ** MOST_ORDER && kinds[end] === uncounted) end++;
      end = frame + aligned(frame, end - frame);
    } else {
      frame++;
      continue;
    }
    yield { frame, frames: end - frame, compound: kind !== single };
    frame = end;
  }
}

/** The largest power of two that is no more than `most` and that the frame is a multiple of. */
function aligned(frame: number, most: number): number {
  let frames = 1;
  while (frames * 2 <= most && frame % (frames * 2) === 0) frames *= 2;
  return frames;
}
