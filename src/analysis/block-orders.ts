import type { PageCensus } from '../model/kernel/page-census.ts';
import { kindByte } from '../model/kernel/page-kinds.ts';
import { pageBlocks } from './reachability/page-blocks.ts';

/** Blocks of the page allocator whose use nothing tells, of one size. */
export interface BlocksOfOrder {
  readonly order: number;
  readonly blocks: number;
  readonly pages: number;
  readonly compound: boolean;
  /** First frames of some: of the first ones, and of the last. */
  readonly samples: readonly number[];
}

/** How many samples of each order are kept. */
const SAMPLES = 4;

/** Sizes of the blocks whose use nothing tells, the most pages first. */
export function blockOrders(census: PageCensus): readonly BlocksOfOrder[] {
  const groups = new Map<
    string,
    { order: number; blocks: number; pages: number; compound: boolean; samples: number[] }
  >();
  const large = kindByte('large-kmalloc');
  for (const { frame, frames, compound } of pageBlocks(census)) {
    if (census.kinds[frame] === large) continue;
    const order = Math.ceil(Math.log2(frames));
    const key = `${order} ${compound}`;
    const group = groups.get(key) ?? { order, blocks: 0, pages: 0, compound, samples: [] };
    groups.set(key, group);
    group.blocks++;
    group.pages += frames;
    if (group.samples.length === SAMPLES) group.samples.pop();
    group.samples.push(frame);
  }
  return [...groups.values()].toSorted((a, b) => b.pages - a.pages);
}
