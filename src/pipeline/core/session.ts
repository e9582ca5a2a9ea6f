import type { Dump } from '../../sources/vmcore/dump.ts';
import { InputError } from '../../sources/input-error.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { openPages, type Pages } from '../../model/kernel/open-heap.ts';
import { slabAliases } from '../../model/kernel/slab-aliases.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { openKernel, type OpenOptions } from './open-kernel.ts';

/** An open dump; what costs time is done once, when first asked for. */
export class CoreSession {
  readonly dump: Dump;
  readonly kernel: Kernel;
  #pages: Pages | undefined;
  #aliases: ReadonlyMap<bigint, readonly string[]> | undefined;

  private constructor(dump: Dump, kernel: Kernel) {
    this.dump = dump;
    this.kernel = kernel;
  }

  /** Throws InputError or FormatError where the dump cannot be opened or no kernel is found in it. */
  static open(path: string, options: OpenOptions = {}): CoreSession {
    const { dump, kernel } = openKernel([path], options);
    return new CoreSession(dump, kernel);
  }

  get pages(): Pages {
    this.#pages ??= openPages(this.kernel);
    if (this.#pages) return this.#pages;
    throw new InputError(this.kernel.file, 'does not say how its memory map looks', 'give --symbols with a vmlinux');
  }

  get heap(): SlabHeap {
    const { heap } = this.pages;
    if (heap) return heap;
    const because =
      this.kernel.layouts.graphs.length === 0
        ? 'holds no types'
        : 'has no slab caches that its symbols and types lead to';
    throw new InputError(
      this.kernel.file,
      because,
      'give --symbols with the vmlinux of this kernel, or its System.map and /sys/kernel/btf/vmlinux',
    );
  }

  /** Other names of a cache. */
  aliasesOf(cache: bigint): readonly string[] {
    this.#aliases ??= slabAliases(this.kernel, this.heap.caches);
    return this.#aliases.get(cache) ?? [];
  }

  close(): void {
    this.dump.close();
  }
}
