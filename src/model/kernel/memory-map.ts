import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { Layouts } from '../layouts/layouts.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { ifThere } from '../memory/memory-fault.ts';

/** A stretch of page frames whose struct pages lie one behind another in the kernel's address space. */
export interface Section {
  readonly firstFrame: number;
  readonly frames: number;
  /** Of the struct page of the first frame. */
  readonly pages: bigint;
}

/** A struct mem_section, which has more to say of its frames than where their struct pages lie. */
export interface MemSection {
  readonly firstFrame: number;
  readonly frames: number;
  readonly address: bigint;
  /** How many a section has, also beyond the end of memory: tables that go with it have room for all of them. */
  readonly whole: number;
}

/** A stretch of the memory map that was read; frames whose struct page the dump lacks hold zeros and are listed. */
export interface MapChunk {
  readonly firstFrame: number;
  readonly frames: number;
  readonly bytes: Uint8Array;
  /** Frames without a struct page, from `firstFrame` on. */
  readonly missing: readonly { readonly from: number; readonly frames: number }[];
}

const HAS_MEM_MAP = 2n;
/** The low bits of section_mem_map are flags (include/linux/mmzone.h); the map itself begins on a page. */
const MAP_MASK = ~0xfffn;
/** How much of the map is read at once: 2 MiB describe 128 MiB of RAM. */
const CHUNK_BYTES = 2 ** 21;

/** The memory map: which page frames the machine has, and where the struct page of each lies. */
export class MemoryMap {
  readonly sections: readonly Section[];
  /** Bytes of a struct page. */
  readonly pageStructSize: number;
  /** One beyond the last frame of any section. */
  readonly endFrame: number;
  /** By frame; none on a kernel whose map is flat. */
  readonly memSections: readonly MemSection[];
  readonly #memory: AddressSpace;

  constructor(
    memory: AddressSpace,
    sections: readonly Section[],
    pageStructSize: number,
    memSections: readonly MemSection[] = [],
  ) {
    this.memSections = memSections;
    this.#memory = memory;
    this.sections = sections;
    this.pageStructSize = pageStructSize;
    this.endFrame = sections.reduce((end, s) => Math.max(end, s.firstFrame + s.frames), 0);
  }

  /** The frame that a struct page at this address (or a pointer into it) describes. */
  frameOf(address: bigint): number | undefined {
    const size = BigInt(this.pageStructSize);
    for (const { firstFrame, frames, pages } of this.sections) {
      const from = address - pages;
      if (from >= 0n && from < BigInt(frames) * size) return firstFrame + Number(from / size);
    }
    return undefined;
  }

  /** Of the struct page of a frame. */
  addressOf(frame: number): bigint | undefined {
    const section = this.sections.find((s) => frame >= s.firstFrame && frame < s.firstFrame + s.frames);
    return section && section.pages + BigInt((frame - section.firstFrame) * this.pageStructSize);
  }

  /** The whole map in the order of frames, through one buffer: a chunk is valid until the next is asked for. */
  *chunks(): Generator<MapChunk> {
    // Even, so that a compound page and its second struct page are never parted.
    const most = Math.floor(CHUNK_BYTES / this.pageStructSize / 1024) * 1024;
    const buffer = new Uint8Array(most * this.pageStructSize);
    for (const section of this.sections) {
      for (let done = 0; done < section.frames; done += most) {
        const frames = Math.min(most, section.frames - done);
        const bytes = buffer.subarray(0, frames * this.pageStructSize);
        const start = section.pages + BigInt(done * this.pageStructSize);
        const missing = this.#memory.readAvailable(start, bytes).map(({ offset, length }) => {
          const from = Math.floor(offset / this.pageStructSize);
          return { from, frames: Math.ceil((offset + length) / this.pageStructSize) - from };
        });
        yield { firstFrame: section.firstFrame + done, frames, bytes, missing };
      }
    }
  }
}

/**
 * Reads the sections of a sparse memory map (mem_section, a table of pointers to tables with SPARSEMEM_EXTREME, else one
 * table), or the flat map of kernels without sections. `most` bounds frames: what a container describes.
 */
export function findMemoryMap(
  memory: AddressSpace,
  info: VmcoreInfo,
  layouts: Layouts,
  pageStructSize: number,
  most: number,
): MemoryMap | undefined {
  const table = info.symbols.get('mem_section');
  // 4.15 names the pointer to the table (fixed by commit a0b1280368d1), all others the table.
  const behind = table === undefined ? undefined : ifThere(() => memory.u64(table));
  const sparse = [table, behind]
    .map((at) => sparseSections(memory, info, layouts, pageStructSize, most, at))
    .find((sections) => sections !== undefined && sections.length > 0);
  const sections = sparse ?? flatSection(memory, info, most);
  if (!sections || sections.length === 0) return undefined;
  return new MemoryMap(memory, mergeSections(sections, pageStructSize), pageStructSize, sparse);
}

interface SectionTable {
  /** Entries of the table. */
  readonly roots: number;
  /** Bytes of a struct mem_section, and where in it the map stands. */
  readonly size: number;
  readonly at: number;
  /** Of a section. */
  readonly frames: number;
  readonly extreme: boolean;
  /** Sections that an entry of the table leads to. */
  readonly perRoot: number;
}

/** How the table of sections lies in memory; undefined where that is not said, or makes no sense. */
function sectionTable(memory: AddressSpace, info: VmcoreInfo, layouts: Layouts): SectionTable | undefined {
  const roots = info.lengths.get('mem_section');
  const size = layouts.sizeOf('mem_section') ?? info.sizes.get('mem_section') ?? 0;
  const at =
    layouts.member('mem_section', 'section_mem_map')?.offset ?? info.offsets.get('mem_section.section_mem_map');
  if (roots === undefined || at === undefined || size < 8 || size > memory.pageSize) return undefined;
  const bits = sectionBits(info, memory.pageSize);
  // With SPARSEMEM_EXTREME a root is a page of sections; without, the table holds the sections themselves.
  const extreme = roots < 2 ** (bits.physical - bits.section);
  const perRoot = extreme ? Math.floor(memory.pageSize / size) : 1;
  return { roots, size, at, frames: 2 ** bits.section / memory.pageSize, extreme, perRoot };
}

function sparseSections(
  memory: AddressSpace,
  info: VmcoreInfo,
  layouts: Layouts,
  pageStructSize: number,
  most: number,
  table: bigint | undefined,
): (Section & MemSection)[] | undefined {
  const layout = sectionTable(memory, info, layouts);
  if (table === undefined || layout === undefined) return undefined;
  const { roots, size, at, frames, extreme, perRoot } = layout;
  const last = Math.min(roots, Math.ceil(most / frames / perRoot));
  const sections: (Section & MemSection)[] = [];
  for (let root = 0; root < last; root++) {
    const from = extreme ? (ifThere(() => memory.u64(table + BigInt(root * 8))) ?? 0n) : table + BigInt(root * size);
    if (from === 0n) continue;
    for (let i = 0; i < perRoot; i++) {
      const firstFrame = (root * perRoot + i) * frames;
      const address = from + BigInt(i * size);
      const map = firstFrame < most ? ifThere(() => memory.u64(address + BigInt(at))) : undefined;
      if (!hasMap(map)) continue;
      // The map is stored less the first frame, so that it can be indexed by frame.
      const pages = BigInt.asUintN(64, (map & MAP_MASK) + BigInt(firstFrame * pageStructSize));
      sections.push({ firstFrame, frames: Math.min(frames, most - firstFrame), whole: frames, pages, address });
    }
  }
  return sections;
}

const hasMap = (map: bigint | undefined): map is bigint => map !== undefined && (map & HAS_MEM_MAP) !== 0n;

/** log2 of a section and of physical memory, in bytes. Before 5.11 VMCOREINFO does not say: the machine's defaults. */
function sectionBits(info: VmcoreInfo, pageSize: number): { readonly section: number; readonly physical: number } {
  const arm = info.numbers.has('kimage_voffset') || info.numbers.has('VA_BITS');
  const five = info.numbers.get('pgtable_l5_enabled') === 1n;
  const within = (n: bigint | undefined, least: bigint, most: bigint): bigint | undefined =>
    n !== undefined && n >= least && n <= most ? n : undefined;
  const section = within(info.numbers.get('SECTION_SIZE_BITS'), 20n, 40n);
  const physical = within(info.numbers.get('MAX_PHYSMEM_BITS'), 32n, 57n);
  // arm64 had sections of 1 GiB before 5.12 (commit f0b13ee23241).
  const usual = arm ? (pageSize === 65536 ? 29 : 30) : 27;
  return { section: Number(section ?? BigInt(usual)), physical: Number(physical ?? (arm ? 48n : five ? 52n : 46n)) };
}

function flatSection(memory: AddressSpace, info: VmcoreInfo, most: number): Section[] | undefined {
  const pointer = info.symbols.get('mem_map');
  if (pointer === undefined) return undefined;
  const pages = ifThere(() => memory.u64(pointer));
  return pages === undefined || pages === 0n ? undefined : [{ firstFrame: 0, frames: most, pages }];
}

/** Sections that follow one another in memory as well as in frames are one. */
function mergeSections(sections: readonly Section[], pageStructSize: number): readonly Section[] {
  const merged: Section[] = [];
  for (const section of sections) {
    const before = merged.at(-1);
    const follows =
      before !== undefined &&
      before.firstFrame + before.frames === section.firstFrame &&
      before.pages + BigInt(before.frames * pageStructSize) === section.pages;
    if (!follows) merged.push({ firstFrame: section.firstFrame, frames: section.frames, pages: section.pages });
    else merged[merged.length - 1] = { ...before, frames: before.frames + section.frames };
  }
  return merged;
}
