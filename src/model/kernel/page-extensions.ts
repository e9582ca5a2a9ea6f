import type { Kernel } from './kernel.ts';
import type { MemoryMap, MemSection } from './memory-map.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { u64Variable } from './variables.ts';

/** Frames whose extensions are read at once. */
const WINDOW = 1024;
/** An extension of more bytes is damage: all that there are take a few hundred. */
const LARGEST = 4096;
/** A section's extensions are being set up or taken down (PAGE_EXT_INVALID, 6.1, commit b1d5488a2527). */
const INVALID = 1n;

/**
 * What the kernel keeps of each page beside its struct page: struct page_ext, and behind it what those who asked for room
 * there put into it. Read in windows of frames.
 */
export class PageExtensions {
  /** Bytes of one page's. */
  readonly size: number;
  readonly #kernel: Kernel;
  readonly #sections: readonly (MemSection & { readonly base: bigint })[];
  #window = -1;
  #bytes: Uint8Array | undefined;

  private constructor(kernel: Kernel, size: number, sections: readonly (MemSection & { readonly base: bigint })[]) {
    this.#kernel = kernel;
    this.size = size;
    this.#sections = sections;
  }

  /** Undefined where the kernel has none, or where the types do not lead to them. */
  static open(kernel: Kernel, map: MemoryMap): PageExtensions | undefined {
    const { layouts, memory } = kernel;
    const own = layouts.sizeOf('page_ext');
    const pointer = layouts.member('mem_section', 'page_ext');
    // One variable since 5.5 (commit 5556cfe8d994), before that the part beyond struct page_ext.
    const beyond = u64Variable(kernel, 'extra_mem');
    const size =
      u64Variable(kernel, 'page_ext_size') ?? (beyond === undefined || !own ? undefined : BigInt(own) + beyond);
    if (!pointer || size === undefined || size < 8n || size > BigInt(LARGEST)) return undefined;
    const sections = map.memSections.flatMap((section) => {
      const base = ifThere(() => memory.u64(section.address + BigInt(pointer.offset))) ?? 0n;
      return base === 0n || (base & INVALID) !== 0n ? [] : [{ ...section, base }];
    });
    return sections.length === 0 ? undefined : new PageExtensions(kernel, Number(size), sections);
  }

  /** Where they lie, section by section. The kernel keeps a pointer that is none: that of frame 0. */
  ranges(): readonly { readonly address: bigint; readonly bytes: number }[] {
    return this.#sections.map(({ base, firstFrame, whole }) => ({
      address: BigInt.asUintN(64, base + BigInt(firstFrame * this.size)),
      bytes: whole * this.size,
    }));
  }

  /** The extension of a frame, valid until the next is asked for; undefined where it has none in the dump. */
  of(frame: number): DataView | undefined {
    const window = Math.floor(frame / WINDOW);
    if (window !== this.#window) {
      this.#window = window;
      this.#bytes = this.#read(window * WINDOW);
    }
    const at = (frame - window * WINDOW) * this.size;
    return this.#bytes && new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, this.size);
  }

  /** A section's pointer is that of frame 0, had it been in the section. Sections are multiples of windows. */
  #read(from: number): Uint8Array | undefined {
    const section = this.#sections.find((s) => from >= s.firstFrame && from < s.firstFrame + s.frames);
    if (!section) return undefined;
    return this.#kernel.memory.tryRead(BigInt.asUintN(64, section.base + BigInt(from * this.size)), WINDOW * this.size);
  }
}
