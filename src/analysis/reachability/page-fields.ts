import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import { kindByte } from '../../model/kernel/page-kinds.ts';
import { NOTHING, nodeAtWord, type NodeSpace } from './node-space.ts';

/** What a struct page points to: from a page that is a node, an edge; from any other, a root. */
export interface PageFieldSink {
  readonly edge: (node: number, target: number) => void;
  readonly root: (target: number) => void;
}

/** No mapping into user space: -1 as unsigned. Larger values are page types. */
const NOT_MAPPED = 0x80000000;

/**
 * Pointers in struct pages of pages in use: `private`, `mapping`, and `memcg_data`, which slabs have too. Blocks of the page
 * allocator may be chained through `lru`, and are in use while a process has them mapped. The memory map as a whole is no
 * root: most of what stands in it is left over.
 */
export function walkPageFields(kernel: Kernel, pages: Pages, space: NodeSpace, sink: PageFieldSink): void {
  const { layout, map, census } = pages;
  const memcg = kernel.layouts.member('page', 'memcg_data')?.offset;
  const slabFields = memcg === undefined ? [] : [memcg];
  const fields = [layout.private, layout.mapping, ...slabFields];
  const linked = [...fields, layout.lru, layout.lru + 8];
  const idle = new Set((['absent', 'not-described', 'free', 'per-cpu-list'] as const).map(kindByte));
  const slab = kindByte('slab');
  for (const { firstFrame, frames, bytes } of map.chunks()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < frames; i++) {
      const frame = firstFrame + i;
      const kind = census.kinds[frame] ?? 0;
      if (idle.has(kind) || census.tails.has(frame)) continue;
      const at = i * layout.size;
      const node = blockOf(space, frame);
      if (node !== NOTHING && view.getUint32(at + layout.mapcount, true) < NOT_MAPPED) sink.root(node);
      follow(space, view, at, node === NOTHING ? (kind === slab ? slabFields : fields) : linked, node, sink);
    }
  }
}

/** The node of a block of pages that a frame belongs to. */
function blockOf(space: NodeSpace, frame: number): number {
  const extra = -2 - (space.nodeOfFrame[frame] ?? NOTHING);
  return extra >= 0 && extra < space.pageExtras ? space.table.objects + extra : NOTHING;
}

function follow(
  space: NodeSpace,
  view: DataView,
  at: number,
  offsets: readonly number[],
  node: number,
  sink: PageFieldSink,
): void {
  for (const offset of offsets) {
    const high = view.getUint32(at + offset + 4, true);
    const target = high < 0xff000000 ? NOTHING : nodeAtWord(space, view.getUint32(at + offset, true), high);
    if (target === NOTHING || target === node) continue;
    if (node === NOTHING) sink.root(target);
    else sink.edge(node, target);
  }
}
