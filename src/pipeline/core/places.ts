import type { CorePlace, CoreReferrer } from '../../findings/core/core-refs.ts';
import type { NodeSpace } from '../../analysis/reachability/node-space.ts';
import { kindByte, PAGE_KINDS } from '../../model/kernel/page-kinds.ts';
import { addressOfObject } from '../../model/kernel/slab-heap.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** Says where in the kernel a place is: in which object, under which symbol, on whose stack. */
export class Places {
  readonly #session: CoreSession;
  readonly #space: NodeSpace;
  readonly #base: bigint;
  /** Physical start and end of the image, and what is added for its kernel address. */
  #image: { readonly from: number; readonly to: number; readonly delta: bigint } | undefined;
  #mapped: Map<number, { readonly address: bigint; readonly of: string }> | undefined;

  constructor(session: CoreSession, space: NodeSpace) {
    const { kernel } = session;
    this.#session = session;
    this.#space = space;
    this.#base = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
    const end = kernel.symbols.find('_end');
    for (const name of ['_text', '_stext']) {
      // arm64 leaves its head unmapped.
      const text = kernel.symbols.find(name);
      const from = text === undefined ? undefined : kernel.memory.translate(text);
      if (text !== undefined && end !== undefined && from !== undefined)
        this.#image ??= { from, to: from + Number(end - text), delta: text - BigInt(from) };
    }
  }

  /** A node as a whole. */
  node(node: number): CorePlace {
    const { table, extras } = this.#space;
    const { heap, kernel } = this.#session;
    const extra = extras[node - table.objects];
    if (extra?.kind === 'vmalloc') {
      const caller = extra.caller === undefined ? undefined : kernel.symbols.spell(extra.caller);
      return { place: `vmalloc area ${spell(extra.address ?? 0n)}${caller === undefined ? '' : ` of ${caller}`}` };
    }
    if (extra) return { place: `${extra.frames} pages at frame ${extra.frame}` };
    const slab = table.slabOf(node);
    const object = addressOfObject(this.#heap(), slab, node - (table.first[slab] ?? 0));
    return { inObject: { cache: heap.caches[table.cache[slab] ?? 0]?.name ?? '', object: spell(object), offset: 0 } };
  }

  /** Where a node begins. */
  addressOf(node: number): bigint {
    const { table, extras, pageSize } = this.#space;
    const extra = extras[node - table.objects];
    if (extra) return extra.address ?? this.#base + BigInt(extra.frame * pageSize);
    const slab = table.slabOf(node);
    return addressOfObject(this.#heap(), slab, node - (table.first[slab] ?? 0));
  }

  sizeOf(node: number): number {
    const { table, extras, pageSize, strides } = this.#space;
    const extra = extras[node - table.objects];
    return extra ? extra.frames * pageSize : (strides[table.cacheOf(node)] ?? 0);
  }

  /** A word of a node, by its offset. */
  inNode(node: number, offset: number): CoreReferrer {
    const whole = this.node(node);
    const address = spell(this.addressOf(node) + BigInt(offset));
    return whole.inObject ? { address, inObject: { ...whole.inObject, offset } } : { address, ...whole };
  }

  /** A word of a root, by its physical address; −1 for what is no word. */
  root(physical: number): CoreReferrer {
    if (physical < 0) return { place: 'struct page or register' };
    const { kernel, refinedPages } = this.#session;
    const { pageSize } = kernel.memory;
    const frame = Math.floor(physical / pageSize);
    const kind = refinedPages.census.kinds[frame];
    const mapped = this.#mappedFrames().get(frame);
    const within = BigInt(physical % pageSize);
    if (mapped?.of === '') return this.#named(mapped.address + within);
    const image = this.#image;
    if (image && physical >= image.from && physical < image.to) {
      const address = BigInt(physical) + image.delta;
      // What the image needed to start with only was given back, and may be anybody's since.
      if (!mapped || kind === RESERVED || mapped.address + within === address) return this.#named(address);
    }
    if (mapped) return { address: spell(mapped.address + within), place: mapped.of };
    const use = PAGE_KINDS[kind ?? 0] ?? 'absent';
    return { address: spell(this.#base + BigInt(physical)), place: SPELLED[use] ?? use };
  }

  #named(address: bigint): CoreReferrer {
    const symbol = this.#session.kernel.symbols.spell(address);
    return { address: spell(address), ...(symbol === undefined ? { place: 'kernel image' } : { symbol }) };
  }

  #heap(): Parameters<typeof addressOfObject>[0] {
    const { kernel, heap } = this.#session;
    return { kernel, caches: heap.caches, table: heap.table, directMap: this.#base };
  }

  /** Frames that are known by where they are mapped: modules (named by symbols), stacks, vmalloc areas. */
  #mappedFrames(): Map<number, { readonly address: bigint; readonly of: string }> {
    if (this.#mapped) return this.#mapped;
    const frames = new Map<number, { address: bigint; of: string }>();
    const { kernel, users, modules } = this.#session;
    const add = (start: bigint, size: bigint, of: string): void => {
      for (let at = start; at < start + size; at += BigInt(kernel.memory.pageSize)) {
        const physical = kernel.memory.translate(at);
        if (physical !== undefined) frames.set(Math.floor(physical / kernel.memory.pageSize), { address: at, of });
      }
    };
    for (const { start, size, caller } of users.areas)
      add(
        start,
        BigInt(size),
        `vmalloc area of ${(caller === undefined ? undefined : kernel.symbols.spell(caller)) ?? 'nobody named'}`,
      );
    for (const { extents } of modules) for (const { start, size } of extents) add(start, BigInt(size), '');
    for (const { stack, pid, comm } of users.tasks)
      if (stack !== 0n) add(stack, STACK_BYTES, `stack of ${pid} (${comm})`);
    this.#mapped = frames;
    return frames;
  }
}

/** The smallest stack of 64-bit kernels; more of it is told by the area that it lies in. */
const STACK_BYTES = 16_384n;

const RESERVED = kindByte('reserved');
const SPELLED: Readonly<Record<string, string>> = {
  percpu: 'per-CPU memory',
  reserved: 'memory reserved at boot',
  'kernel-stack': 'a kernel stack',
  uncounted: 'pages of a driver',
};
