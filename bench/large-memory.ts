import type { Gap, PageCounts, PageState, PhysicalMemory } from '../src/model/memory/physical-memory.ts';
import { buildKernel, type BuiltKernel } from '../testkit/kernel/build-kernel.ts';
import type { BuiltCache, CacheSpec } from '../testkit/kernel/heap-spec.ts';
import { swapped } from '../testkit/kernel/slub-writer.ts';
import { memberOf } from '../testkit/kernel/struct-spec.ts';

const PAGE = 4096;
const STRUCT = 64;
/** Frames whose struct pages the built kernel has: one section. */
const BUILT_FRAMES = 32_768;
/** Where the struct pages of all others lie. */
const MEMMAP_AT = 2 ** 30;
/** Frames that are put to one use. */
const GROUP = 512;

/** Of the caches of a file server: what they hold and how large their slabs are. */
const CACHES: readonly (readonly [spec: Omit<CacheSpec, 'slabs'>, weight: number])[] = [
  [{ name: 'kmalloc-32', size: 32, freeOffset: 16 }, 2],
  [{ name: 'kmalloc-64', size: 64, freeOffset: 32 }, 5],
  [{ name: 'buffer_head', size: 104, freeOffset: 48, reclaimable: true }, 8],
  [{ name: 'dentry', size: 192, freeOffset: 96, reclaimable: true }, 20],
  [{ name: 'kmalloc-512', size: 512, order: 2, freeOffset: 256 }, 8],
  [{ name: 'radix_tree_node', size: 584, order: 2, freeOffset: 288, reclaimable: true }, 12],
  [{ name: 'inode_cache', size: 640, order: 2, freeOffset: 320, reclaimable: true }, 10],
  [{ name: 'ext4_inode_cache', size: 1192, order: 3, freeOffset: 592, reclaimable: true }, 25],
  [{ name: 'kmalloc-4k', size: 4096, order: 3, freeOffset: 2048 }, 8],
  [{ name: 'task_struct', size: 7744, order: 3, freeOffset: 3872 }, 2],
];

/** What a group of frames is for, in parts of a hundred. */
const USES = [
  ['slab', 40],
  ['anonymous', 20],
  ['thp', 10],
  ['page-cache', 18],
  ['free', 10],
  ['driver', 2],
] as const;
type Use = (typeof USES)[number][0] | 'reserved';

interface GroupPlan {
  readonly use: Use;
  /** Index into the caches. */
  readonly cache: number;
}

interface CachePlan {
  readonly built: BuiltCache;
  readonly size: number;
  readonly order: number;
  readonly capacity: number;
  readonly freeOffset: number;
  readonly random: bigint;
}

/** What a census of it has to come to. */
export interface LargeTotals {
  readonly slabs: number;
  readonly objects: number;
  readonly free: number;
  readonly slabPages: number;
}

/** A well mixed number of 32 bits for a number. */
function mixed(n: number, salt: number): number {
  let x = (Math.imul(n, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Picks from parts of a whole. */
function pick(parts: readonly number[], n: number): number {
  let rest = n % parts.reduce((sum, part) => sum + part, 0);
  return parts.findIndex((part) => (rest -= part) < 0);
}

/** Whether a slab, by its first frame, has free objects: one of twenty has. */
const isPartial = (frame: number): boolean => mixed(frame, 3) % 20 === 0;
const isFree = (frame: number, i: number): boolean => mixed(frame * 512 + i, 4) % 4 === 0;

/**
 * The memory of a large machine in use, made up page by page as it is read: a small kernel that was built, and behind it
 * frames in all uses, whose struct pages fill a memory map of 64 bytes a page. 40 % of it are slabs. What nobody reads to
 * tell its use is left out, as makedumpfile does.
 */
export class LargeMemory implements PhysicalMemory {
  readonly pageSize: number = PAGE;
  readonly endFrame: number;
  readonly kernel: BuiltKernel;
  readonly #caches: readonly CachePlan[];
  readonly #groups: Uint8Array;
  readonly #page = Buffer.alloc(PAGE);

  /** `bytes` of RAM, a multiple of 2 GiB and more than that. */
  constructor(bytes: number) {
    this.endFrame = bytes / PAGE;
    this.kernel = buildKernel({
      machine: { ramBytes: bytes, release: '6.12.0-large', x86: { levels: 5 } },
      memmap: { frames: BUILT_FRAMES, physicalBits: 52 },
      pages: { style: 'byte' },
      slub: { hardened: 'swapped', reclaimBit: 9 },
      caches: CACHES.map(([spec]) => ({ ...spec, slabs: [] })),
      kallsyms: true,
    });
    const { machine, memmap } = this.kernel;
    const rest = (this.endFrame - BUILT_FRAMES) * STRUCT;
    const built = BUILT_FRAMES * STRUCT;
    machine.tables.map(memmap.pageOf(0) + BigInt(built), MEMMAP_AT + built, rest, 1);
    for (let section = 1; section < this.endFrame / BUILT_FRAMES; section++) memmap.declare(section);
    this.#caches = CACHES.map(([{ name, size, order = 0, freeOffset = 0 }]) => {
      const cache = this.kernel.cache(name);
      const at = cache.address + BigInt(memberOf(this.kernel.types.cache, 'random').at);
      const capacity = Math.floor((PAGE * 2 ** order) / size);
      return { built: cache, size, order, capacity, freeOffset, random: machine.peek(at) };
    });
    this.#groups = Uint8Array.from({ length: this.endFrame / GROUP }, (_, group) => this.#useOf(group));
  }

  state(frame: number): PageState {
    if (frame < BUILT_FRAMES) return this.kernel.machine.physical.state(frame);
    if (this.#isMemmap(frame)) return 'present';
    const { use, cache } = this.#planOf(frame);
    if (use !== 'slab') return 'excluded';
    return isPartial(this.#headOf(frame, cache)) ? 'present' : 'zero';
  }

  page(frame: number): Uint8Array | undefined {
    if (frame < BUILT_FRAMES) return this.kernel.machine.physical.page(frame);
    this.#page.fill(0);
    if (this.#isMemmap(frame)) this.#writeStructPages((frame * PAGE - MEMMAP_AT) / STRUCT);
    else if (this.state(frame) === 'present') this.#writeFreeList(frame);
    else if (this.state(frame) === 'excluded') return undefined;
    return this.#page;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    for (let at = 0; at < target.length;) {
      const within = (address + at) % PAGE;
      const page = this.page(Math.floor((address + at) / PAGE)) ?? this.#page;
      const run = page.subarray(within, within + target.length - at);
      target.set(run, at);
      at += run.length;
    }
    return [];
  }

  counts(): PageCounts {
    const counts = { present: 0, zero: 0, excluded: 0, lost: 0 };
    for (let frame = 0; frame < this.endFrame; frame++) {
      const state = this.state(frame);
      if (state !== 'absent') counts[state]++;
    }
    return counts;
  }

  totals(): LargeTotals {
    const totals = { slabs: 0, objects: 0, free: 0, slabPages: 0 };
    for (let frame = BUILT_FRAMES; frame < this.endFrame; frame++) {
      const { use, cache } = this.#planOf(frame);
      const plan = this.#caches[cache];
      if (use !== 'slab' || plan === undefined) continue;
      totals.slabPages++;
      if (this.#headOf(frame, cache) !== frame) continue;
      totals.slabs++;
      totals.objects += plan.capacity;
      totals.free += isPartial(frame) ? this.#freeOf(frame, plan.capacity).length : 0;
    }
    return totals;
  }

  #isMemmap(frame: number): boolean {
    return frame >= (MEMMAP_AT + BUILT_FRAMES * STRUCT) / PAGE && frame < (MEMMAP_AT + this.endFrame * STRUCT) / PAGE;
  }

  /** A byte: the number of the use, and sixteen times that of the cache; 0xff for what is reserved. */
  #useOf(group: number): number {
    const first = group * GROUP;
    if (first < BUILT_FRAMES || this.#isMemmap(first) || this.#isMemmap(first + GROUP - 1)) return 0xff;
    const use = pick(
      USES.map(([, part]) => part),
      mixed(group, 1),
    );
    const cache = pick(
      CACHES.map(([, weight]) => weight),
      mixed(group, 2),
    );
    return use + 16 * cache;
  }

  #planOf(frame: number): GroupPlan {
    const byte = this.#groups[Math.floor(frame / GROUP)] ?? 0xff;
    return { use: byte === 0xff ? 'reserved' : (USES[byte % 16]?.[0] ?? 'reserved'), cache: byte >> 4 };
  }

  #headOf(frame: number, cache: number): number {
    return frame - (frame % 2 ** (this.#caches[cache]?.order ?? 0));
  }

  #freeOf(frame: number, capacity: number): readonly number[] {
    return Array.from({ length: capacity }, (_, i) => i).filter((i) => isFree(frame, i));
  }

  /** The struct pages of the 64 frames from `first` on. */
  #writeStructPages(first: number): void {
    for (let i = 0; i < PAGE / STRUCT; i++) {
      const frame = first + i;
      const { use, cache } = this.#planOf(frame);
      if (use === 'slab') this.#writeSlab(i * STRUCT, frame, cache);
      else this.#writeOther(i * STRUCT, frame, use);
    }
  }

  #writeOther(at: number, frame: number, use: Use): void {
    const page = this.#page;
    const head = frame - (frame % GROUP);
    const { memmap } = this.kernel;
    const flags = (...names: readonly string[]): void => {
      page.writeBigUInt64LE(0x0017ffffc0000000n | memmap.flags(...names), at);
    };
    page.writeInt32LE(-1, at + 48);
    page.writeInt32LE(use === 'free' || (use === 'thp' && frame !== head) ? 0 : 1, at + 52);
    if (use === 'reserved') flags('PG_reserved');
    else if (use === 'free') {
      flags();
      if (frame !== head) return;
      page.writeUInt32LE(9, at + 40);
      page.writeUInt32LE(0xf0000000, at + 48);
    } else if (use === 'thp' && frame !== head) {
      flags();
      page.writeBigUInt64LE(this.#pageOf(head) + 1n, at + 8);
    } else if (use === 'driver') flags();
    else {
      flags(
        'PG_lru',
        ...(use === 'page-cache' ? ['PG_uptodate'] : ['PG_swapbacked']),
        ...(use === 'thp' ? ['PG_head'] : []),
      );
      // An anon_vma or an address_space; one for some 64 pages.
      const mapping = this.kernel.machine.plan.directMap + BigInt(mixed(frame >> 6, 5)) * 64n;
      page.writeBigUInt64LE(use === 'page-cache' ? mapping : mapping + 1n, at + 24);
      page.writeBigUInt64LE(BigInt(frame), at + 32);
    }
  }

  #writeSlab(at: number, frame: number, cache: number): void {
    const plan = this.#caches[cache];
    const head = this.#headOf(frame, cache);
    const page = this.#page;
    const { memmap } = this.kernel;
    page.writeInt32LE(-1, at + 48);
    page.writeBigUInt64LE(0x0017ffffc0000000n | (frame === head && plan?.order ? memmap.flags('PG_head') : 0n), at);
    if (frame !== head || plan === undefined) {
      page.writeBigUInt64LE(this.#pageOf(head) + 1n, at + 8);
      return;
    }
    const free = isPartial(frame) ? this.#freeOf(frame, plan.capacity) : [];
    const [first] = free;
    page.writeBigUInt64LE(plan.built.address, at + 8);
    page.writeBigUInt64LE(first === undefined ? 0n : this.#objectAt(frame, plan, first), at + 32);
    page.writeUInt32LE(plan.capacity - free.length + plan.capacity * 65536, at + 40);
    page.writeUInt32LE(0xf5000000, at + 48);
    page.writeInt32LE(1, at + 52);
  }

  /** The address of a frame's struct page. */
  #pageOf(frame: number): bigint {
    return this.kernel.machine.plan.vmemmap + BigInt(frame * STRUCT);
  }

  #objectAt(frame: number, { size }: CachePlan, i: number): bigint {
    return this.kernel.machine.virtual(frame * PAGE) + BigInt(i * size);
  }

  /** The part of a slab's free list that lies on one of its pages. */
  #writeFreeList(frame: number): void {
    const { cache } = this.#planOf(frame);
    const plan = this.#caches[cache];
    if (plan === undefined) return;
    const head = this.#headOf(frame, cache);
    const free = this.#freeOf(head, plan.capacity);
    for (const [n, i] of free.entries()) {
      const offset = i * plan.size + plan.freeOffset - (frame - head) * PAGE;
      if (offset < 0 || offset >= PAGE) continue;
      const next = free[n + 1];
      const at = this.#objectAt(head, plan, i) + BigInt(plan.freeOffset);
      const pointer = next === undefined ? 0n : this.#objectAt(head, plan, next);
      this.#page.writeBigUInt64LE(pointer ^ plan.random ^ swapped(at), offset);
    }
  }
}
