import type { Bits } from '../../base/bits.ts';
import type { ExtraNode } from './node-space.ts';

/** Of two pages together one in two would look so by chance; what is lost would be hidden too often. */
const FEWEST = 4;

/**
 * Pages that belong to one allocation of several, of which only the first is known by address: alloc_pages_exact() takes a
 * block and splits it, so that every page has a count of its own. Hash tables made after boot are such; of their other pages
 * at most an entry is known, by a list that it heads. They are right behind a page that can be reached and whose address
 * some word holds, have no such word themselves, and the first is aligned as a block of their number is. Those of them that
 * are not marked are returned. `extras` in the order of frames; the first is node `firstNode`.
 */
export function spannedPages(
  extras: readonly ExtraNode[],
  firstNode: number,
  marked: Bits,
  baseWords: Uint16Array,
): readonly number[] {
  const nodes: number[] = [];
  const isKnown = (i: number): boolean => (baseWords[firstNode + i] ?? 0) > 0;
  for (let i = 0; i < extras.length; i++) {
    const { frame } = extras[i] ?? { frame: 0 };
    if (!isSingle(extras[i]) || frame % FEWEST !== 0 || !isKnown(i) || !marked.has(firstNode + i)) continue;
    let pages = 1;
    while (isSingle(extras[i + pages]) && extras[i + pages]?.frame === frame + pages && !isKnown(i + pages)) pages++;
    if (pages < FEWEST || frame % 2 ** Math.ceil(Math.log2(pages)) !== 0) continue;
    for (let k = 1; k < pages; k++) if (!marked.has(firstNode + i + k)) nodes.push(firstNode + i + k);
  }
  return nodes;
}

const isSingle = (extra: ExtraNode | undefined): boolean =>
  extra?.kind === 'pages' && extra.frames === 1 && extra.compound !== true;
