import { measureReachability, type Reachability } from '../../analysis/reachability/measure-reachability.ts';
import { pageDirectories } from '../../analysis/audit/page-directories.ts';
import type { Dump } from '../../sources/vmcore/dump.ts';
import { InputError } from '../../sources/input-error.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { openPages, type Pages } from '../../model/kernel/open-heap.ts';
import { kernelModules, type KernelModule } from '../../model/kernel/modules.ts';
import { walkPageUsers, type PageUsers } from '../../model/kernel/page-users.ts';
import { refineCensus } from '../../model/kernel/refine-census.ts';
import { slabAliases } from '../../model/kernel/slab-aliases.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { scanWithWorkers } from '../workers/scan-with-workers.ts';
import { openKernel, type OpenOptions } from './open-kernel.ts';

/** An open dump; what costs time is done once, when first asked for. */
export class CoreSession {
  readonly dump: Dump;
  readonly kernel: Kernel;
  readonly #workers: number | undefined;
  #pages: Pages | undefined;
  #users: PageUsers | undefined;
  #unsaid: readonly string[] = [];
  #isRefined = false;
  #modules: readonly KernelModule[] | undefined;
  #reachability: Reachability | undefined;
  #aliases: ReadonlyMap<bigint, readonly string[]> | undefined;

  private constructor(dump: Dump, kernel: Kernel, { workers }: OpenOptions) {
    this.dump = dump;
    this.kernel = kernel;
    this.#workers = workers;
  }

  /** Throws InputError or FormatError where the dump cannot be opened or no kernel is found in it. */
  static open(path: string, options: OpenOptions = {}): CoreSession {
    const { dump, kernel } = openKernel([path], options);
    return new CoreSession(dump, kernel, options);
  }

  /** The use of every page, by its struct page. Enough for slabs; what others say of pages is in `refinedPages`. */
  get pages(): Pages {
    if (this.hasPages && this.#pages) return this.#pages;
    throw new InputError(this.kernel.file, 'does not say how its memory map looks', 'give --symbols with a vmlinux');
  }

  /** Whether the dump says how its memory map looks; where it does not, `pages` throws. */
  get hasPages(): boolean {
    this.#pages ??= openPages(this.kernel);
    return this.#pages !== undefined;
  }

  /** Tasks, vmalloc areas, per-CPU memory, zones. */
  get users(): PageUsers {
    return (this.#users ??= walkPageUsers(this.kernel, this.pages.map));
  }

  /** The use of every page with what its users say: vmalloc, stacks, modules, per-CPU memory, page tables, parked pages. */
  get refinedPages(): Pages {
    if (!this.#isRefined)
      this.#unsaid = refineCensus(
        this.kernel,
        this.pages.census,
        this.users,
        pageDirectories(this.kernel, this.pages.heap),
      );
    this.#isRefined = true;
    return this.pages;
  }

  /** What users of pages could not tell. */
  get pageProblems(): readonly string[] {
    return [...this.refinedPages.problems, ...this.users.problems, ...this.#unsaid];
  }

  get modules(): readonly KernelModule[] {
    return (this.#modules ??= kernelModules(this.kernel).value);
  }

  /** Who points to whom, and what no root leads to. */
  get reachability(): Reachability {
    return (this.#reachability ??= this.#measureReachability());
  }

  #measureReachability(): Reachability {
    const { kernel, refinedPages, heap, users, dump } = this;
    const around = {
      areas: users.areas,
      tasks: users.tasks,
      ...(users.percpu ? { percpu: users.percpu } : {}),
      registers: dump.cpus.flatMap(({ registers }) => Object.values(registers)),
      stackPointers: dump.cpus.flatMap(({ registers }) => registers['rsp'] ?? registers['sp'] ?? []),
    };
    const scan = scanWithWorkers(dump.files, kernel.memory.physical, this.#workers);
    return measureReachability(kernel, refinedPages, heap, around, scan);
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
