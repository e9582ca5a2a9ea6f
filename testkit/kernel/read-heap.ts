import { openPages, type Pages } from '../../src/model/kernel/open-heap.ts';
import type { SlabHeap } from '../../src/model/kernel/slab-heap.ts';
import { buildKernel, type BuiltKernel, type KernelOptions } from './build-kernel.ts';
import { objectStates } from './object-states.ts';

/** A heap that was built and read again. */
export interface ReadHeap {
  readonly built: BuiltKernel;
  readonly pages: Pages;
  readonly heap: SlabHeap;
  /** As `built.expected` spells it, with ? for unknown. */
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly string[];
}

/** Builds a kernel, lets `damage` change it, opens it and reads its heap. */
export function readHeap(options: KernelOptions, damage?: (built: BuiltKernel) => void): ReadHeap {
  const built = buildKernel(options);
  damage?.(built);
  const pages = openPages(built.open());
  if (!pages?.heap) throw new Error(`no heap: ${pages?.problems.join(', ') ?? 'no pages'}`);
  const { heap } = pages;
  const named = heap.problems.map(({ cache, problem }) =>
    cache === undefined ? problem : `${heap.caches[cache]?.name ?? cache}: ${problem}`,
  );
  return { built, pages, heap, states: objectStates(heap), problems: [...pages.problems, ...named] };
}
