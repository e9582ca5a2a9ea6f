import { ifThere } from '../memory/memory-fault.ts';
import { siteReader, type AllocationSite } from './alloc-tags.ts';
import type { Kernel } from './kernel.ts';
import type { Pages } from './open-heap.ts';
import { PageExtensions } from './page-extensions.ts';
import { u64Variable } from './variables.ts';

/** Flags in the low bits of what leads to a slab's vector. */
const FLAGS = 7n;
/** Below are marks: an object whose tag was not kept (CODETAG_EMPTY, 6.10). */
const SMALLEST = 0xff00_0000_0000_0000n;

/** Ask of a slab object or a page which line of source allocated it; known where the kernel profiles allocations (6.10). */
export class AllocationPlaces {
  readonly #kernel: Kernel;
  readonly #pages: Pages;
  readonly #read: (address: bigint) => AllocationSite;
  readonly #known = new Map<bigint, AllocationSite | undefined>();
  readonly #extensions: PageExtensions | undefined;
  /** Of the tag in a page's extension. */
  readonly #inExtension: number | undefined;

  private constructor(kernel: Kernel, pages: Pages, read: (address: bigint) => AllocationSite) {
    this.#kernel = kernel;
    this.#pages = pages;
    this.#read = read;
    this.#inExtension = extensionOffset(kernel);
    this.#extensions = this.#inExtension === undefined ? undefined : PageExtensions.open(kernel, pages.map);
  }

  static open(kernel: Kernel, pages: Pages): AllocationPlaces | undefined {
    const layout = kernel.layouts.struct('alloc_tag');
    if (!layout?.has('ct.lineno') || !layout.has('counters')) return undefined;
    return new AllocationPlaces(kernel, pages, siteReader(kernel, layout));
  }

  /** `frame`: the first of the slab, `index` of the object in it. */
  ofObject(frame: number, index: number): AllocationSite | undefined {
    const { layouts, memory } = this.#kernel;
    const vectorAt =
      layouts.firstOf('page', ['memcg_data', 'obj_exts'])?.offset ?? layouts.member('slab', 'obj_exts')?.offset;
    const ref = layouts.member('slabobj_ext', 'ref')?.offset;
    const stride = layouts.sizeOf('slabobj_ext');
    const page = this.#pageStruct(frame);
    if (vectorAt === undefined || ref === undefined || stride === undefined || page === undefined) return undefined;
    const own = layouts.member('slab', 'stride')?.offset;
    return this.#at(
      ifThere(() => {
        const step = own === undefined ? stride : memory.u32(page + BigInt(own)) || stride;
        const vector = memory.u64(page + BigInt(vectorAt)) & ~FLAGS;
        return vector === 0n ? 0n : memory.u64(vector + BigInt(index * step + ref));
      }),
    );
  }

  /** Of the first page of a block. */
  ofPage(frame: number): AllocationSite | undefined {
    const at = this.#inExtension;
    const view = at === undefined ? undefined : this.#extensions?.of(frame);
    return view && at !== undefined && at + 8 <= view.byteLength ? this.#at(view.getBigUint64(at, true)) : undefined;
  }

  #pageStruct(frame: number): bigint | undefined {
    const { map } = this.#pages;
    const section = map.sections.find((s) => frame >= s.firstFrame && frame < s.firstFrame + s.frames);
    return section && section.pages + BigInt((frame - section.firstFrame) * map.pageStructSize);
  }

  #at(tag: bigint | undefined): AllocationSite | undefined {
    if (tag === undefined || tag < SMALLEST) return undefined;
    const address = tag & ~FLAGS;
    if (!this.#known.has(address))
      this.#known.set(
        address,
        ifThere(() => this.#read(address)),
      );
    return this.#known.get(address);
  }
}

/** Where in a page's extension its tag stands; undefined where pages have none, or keep a number in their flags instead. */
function extensionOffset(kernel: Kernel): number | undefined {
  const { layouts, symbols, memory } = kernel;
  const ops = symbols.find('page_alloc_tagging_ops');
  const member = layouts.member('page_ext_operations', 'offset')?.offset;
  const at = ops === undefined || member === undefined ? undefined : ifThere(() => memory.u64(ops + BigInt(member)));
  const isCompressed = u64Variable(kernel, 'mem_profiling_compressed') ?? 0n;
  return at === undefined || (isCompressed & 0xffff_ffffn) !== 0n ? undefined : Number(at);
}
