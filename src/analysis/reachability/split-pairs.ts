import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import type { Graph } from './build-graph.ts';
import { kindByte } from '../../model/kernel/page-kinds.ts';
import { nodeAtWord, type NodeSpace } from './node-space.ts';

/** What list_del() leaves in `prev` (LIST_POISON2, include/linux/poison.h, on 64-bit machines with CONFIG_ILLEGAL_POINTER_VALUE). */
const TAKEN_OFF_LOW = 0x122;
const TAKEN_OFF_HIGH = 0xdead0000;
/** In `next` of a page that was taken from the reserves (page_is_pfmemalloc). */
const FROM_RESERVES = 2;

/** Of the pages of a dump what this looks at. */
export interface PairedPages {
  readonly census: Pick<Pages['census'], 'kinds'>;
  readonly map: Pick<Pages['map'], 'sections' | 'pageStructSize'>;
  readonly layout: Pick<Pages['layout'], 'lru'>;
}

/** A later page of a block, and the word that knows the block, physically. */
export interface PairedPage {
  readonly node: number;
  readonly place: number;
}

/**
 * Second pages of blocks that were taken together and split (alloc_pages_exact, split_page), where only the first is known by
 * address: a hash table made at boot, the kernel's note for dumps, the data that user space reads the clock from. The first
 * page's address stands in a variable of the kernel, or in memory that it took at boot; the second has a count of its own, no word knows it, and it was not
 * given out by itself.
 */
export function splitPairs(
  kernel: Pick<Kernel, 'memory'>,
  pages: PairedPages,
  space: NodeSpace,
  graph: Pick<Graph, 'rootTargets' | 'rootPlaces' | 'baseWords'>,
): readonly PairedPage[] {
  const boot = kindByte('reserved');
  const found = new Map<number, number>();
  for (let r = 0; r < graph.rootTargets.length; r++) {
    const node = graph.rootTargets.at(r);
    if (node < space.table.objects) continue;
    const place = graph.rootPlaces[r] ?? -1;
    if (pages.census.kinds[Math.floor(place / space.pageSize)] !== boot) continue;
    const second = secondOf(space, node);
    if (second === undefined || found.has(second) || (graph.baseWords[second] ?? 0) > 0) continue;
    if (isStart(kernel, space, place, second - 1) && !wasTakenAlone(kernel, pages, space, second))
      found.set(second, place);
  }
  return [...found].map(([node, place]) => ({ node, place }));
}

/** The node of the single page right behind a single page. */
function secondOf({ table, extras }: NodeSpace, node: number): number | undefined {
  const [first, second] = [extras[node - table.objects], extras[node - table.objects + 1]];
  const areSingle = [first, second].every((e) => e?.kind === 'pages' && e.frames === 1 && e.compound !== true);
  return areSingle && first && second?.frame === first.frame + 1 ? node + 1 : undefined;
}

/** Whether the word there is the address of the page's start or of its struct page, not of something inside. */
function isStart({ memory }: Pick<Kernel, 'memory'>, space: NodeSpace, place: number, node: number): boolean {
  const bytes = new Uint8Array(8);
  if (memory.physical.read(place, bytes).length > 0) return false;
  const [low = 0, high = 0] = new Uint32Array(bytes.buffer);
  return nodeAtWord(space, low, high) === node && space.found.offset === 0;
}

/**
 * The first page of what is given out was taken off a list, and has nothing in `next` (since 5.14, where
 * whether it came from the reserves is kept there: see commit c07aea3ef4d4).
 */
function wasTakenAlone(
  { memory }: Pick<Kernel, 'memory'>,
  { map, layout }: PairedPages,
  { table, extras }: NodeSpace,
  node: number,
): boolean {
  const frame = extras[node - table.objects]?.frame ?? 0;
  const section = map.sections.find((s) => frame >= s.firstFrame && frame < s.firstFrame + s.frames);
  if (!section) return true;
  const page = section.pages + BigInt((frame - section.firstFrame) * map.pageStructSize);
  const lru = memory.tryRead(page + BigInt(layout.lru), 16);
  if (!lru) return true;
  const view = new DataView(lru.buffer, lru.byteOffset, 16);
  const next = view.getBigUint64(0, true);
  const isOff = view.getUint32(8, true) === TAKEN_OFF_LOW && view.getUint32(12, true) === TAKEN_OFF_HIGH;
  return isOff && (next === 0n || next === BigInt(FROM_RESERVES));
}
