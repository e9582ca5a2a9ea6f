import type { Bits } from '../../base/bits.ts';
import type { ExtraNode } from './node-space.ts';

/** Of two pages together one in two would look so by chance; what is lost would be hidden too often. */
const FEWEST = 4;

/**
 * Pages that belong to one allocation of several, of which only the first is known by address: alloc_pages_exact() takes a
 * block and splits it, so that every page has a count of its own. Hash tables made after boot are such. They show as pages
 * that nothing refers to, right behind one that can be reached and that is aligned as a block of their number is. `extras`
 * in the order of frames; the first has the number `firstNode`.
 */
export function spannedPages(extras: readonly ExtraNode[], firstNode: number, marked: Bits): readonly number[] {
  const nodes: number[] = [];
  const isLost = (i: number): boolean => isSingle(extras[i]) && !marked.has(firstNode + i);
  for (let i = 1; i < extras.length; i++) {
    const first = extras[i - 1]?.frame ?? 0;
    if (!isLost(i) || isLost(i - 1) || !isSingle(extras[i - 1])) continue;
    let pages = 1;
    while (isLost(i) && extras[i]?.frame === first + pages) {
      pages++;
      i++;
    }
    if (pages < FEWEST || first % 2 ** Math.ceil(Math.log2(pages)) !== 0) continue;
    for (let k = 1; k < pages; k++) nodes.push(firstNode + i - k);
  }
  return nodes;
}

const isSingle = (extra: ExtraNode | undefined): boolean =>
  extra?.kind === 'pages' && extra.frames === 1 && extra.compound !== true;
