import type { SlabTable } from '../../model/heap/slab-table.ts';

/** No node at that address. */
export const NOTHING = -1;

/** Something that can be leaked and is no slab object: a vmalloc area, a large kmalloc, a block of pages. */
export interface ExtraNode {
  readonly kind: 'vmalloc' | 'pages';
  /** Physical frames of `pages`, in one block; of `vmalloc` none. */
  readonly frame: number;
  readonly frames: number;
  readonly compound?: boolean;
  /** Of a vmalloc area: kernel address, bytes, and who asked for it. */
  readonly address?: bigint;
  readonly size?: number;
  readonly caller?: bigint;
}

/** Stretches of kernel addresses outside of the direct map, in pages of 4 KiB from an address on; sorted, none overlaps another. */
export interface PageRanges {
  /** Halves of the address that pages are counted from. */
  readonly low: number;
  readonly high: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly node: Uint32Array;
}

/**
 * How a 64-bit word becomes a node. Nodes are numbered: first all slab objects as in the slab table, then the extra ones.
 * Words are looked at as two 32-bit halves; nothing here makes a bigint.
 */
export interface NodeSpace {
  readonly table: SlabTable;
  /** Bytes from one object to the next, by cache number. */
  readonly strides: Uint32Array;
  /** For each frame: NOTHING, the number of its slab, or −2 − i for extra node i. */
  readonly nodeOfFrame: Int32Array;
  readonly pageSize: number;
  readonly directMap: { readonly low: number; readonly high: number; readonly bytes: number };
  /** The memory map: a pointer to a struct page stands for the page. Only extra nodes are reached so. */
  readonly memoryMap: {
    readonly low: number;
    readonly high: number;
    readonly bytes: number;
    readonly structSize: number;
  };
  /** vmalloc and module space: extra nodes by page. */
  readonly areas: PageRanges;
  /** Blocks of pages first, then areas. */
  readonly extras: readonly ExtraNode[];
  readonly pageExtras: number;
  /** How many nodes there are. */
  readonly count: number;
  /**
   * Of the last address that was looked up: how far into its object it points, and its cache; of pages how far into the page
   * (a struct page is its very start), of all else −1.
   */
  readonly found: { offset: number; cache: number };
}

export const halves = (address: bigint): { readonly low: number; readonly high: number } => ({
  low: Number(address & 0xffffffffn),
  high: Number(address >> 32n),
});

/** The node that a physical address lies in. */
export function nodeAtPhysical(space: NodeSpace, physical: number): number {
  const { table, nodeOfFrame, pageSize, strides } = space;
  const owner = nodeOfFrame[Math.floor(physical / pageSize)] ?? NOTHING;
  if (owner < 0) return extraAt(space, owner, owner === NOTHING ? -1 : physical % pageSize);
  space.found.offset = -1;
  const within = physical - (table.frame[owner] ?? 0) * pageSize - (table.start[owner] ?? 0);
  const cache = table.cache[owner] ?? 0;
  const stride = strides[cache] ?? 1;
  const index = Math.floor(within / stride);
  if (within < 0 || index >= (table.capacity[owner] ?? 0)) return NOTHING;
  space.found.offset = within - index * stride;
  space.found.cache = cache;
  return (table.first[owner] ?? 0) + index;
}

function extraAt({ found, table }: NodeSpace, owner: number, offset: number): number {
  found.offset = offset;
  found.cache = 0;
  return owner === NOTHING ? NOTHING : table.objects - 2 - owner;
}

/** The node that a word points into, by its halves; NOTHING for most words. */
export function nodeAtWord(space: NodeSpace, low: number, high: number): number {
  const { directMap, memoryMap } = space;
  const offset = (high - directMap.high) * 4294967296 + (low - directMap.low);
  if (offset >= 0 && offset < directMap.bytes) return nodeAtPhysical(space, offset);
  space.found.offset = -1;
  const inMap = (high - memoryMap.high) * 4294967296 + (low - memoryMap.low);
  if (inMap >= 0 && inMap < memoryMap.bytes) {
    const owner = space.nodeOfFrame[Math.floor(inMap / memoryMap.structSize)] ?? NOTHING;
    // An area's own list of its pages does not hold it.
    return owner <= -2 && -2 - owner < space.pageExtras ? extraAt(space, owner, 0) : NOTHING;
  }
  return nodeInAreas(space.areas, low, high);
}

/** The node that an address lies in. */
export function nodeAtAddress(space: NodeSpace, address: bigint): number {
  const { low, high } = halves(address);
  return nodeAtWord(space, low, high);
}

function nodeInAreas({ low: baseLow, high: baseHigh, from, to, node }: PageRanges, low: number, high: number): number {
  if (from.length === 0) return NOTHING;
  const page = ((high - baseHigh) * 4294967296 + (low - baseLow)) / 4096;
  if (!(page >= 0) || page > (to[to.length - 1] ?? 0)) return NOTHING;
  let [below, above] = [0, from.length];
  while (below < above) {
    const middle = (below + above) >>> 1;
    if ((from[middle] ?? 0) <= page) below = middle + 1;
    else above = middle;
  }
  const found = below - 1;
  return found >= 0 && page < (to[found] ?? 0) ? (node[found] ?? 0) : NOTHING;
}
