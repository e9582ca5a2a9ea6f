import { TablePages } from '../memory/table-pages.ts';
import { ownersOfAreas, stackBytes, type OwnedArea } from './area-owners.ts';
import type { Kernel } from './kernel.ts';
import { kindByte, type PageKind } from './page-kinds.ts';
import type { PageCensus } from './page-census.ts';
import type { PageUsers } from './page-users.ts';
import { vmallocSpace, type AddressRange } from './vmalloc-space.ts';

const SINGLE = kindByte('single');
const COMPOUND = kindByte('compound');
const UNCOUNTED = kindByte('uncounted');
const PAGE_TABLE = kindByte('page-table');
const RESERVED = kindByte('reserved');

/**
 * Lays over the census what struct page does not say: free pages on lists of CPUs, page tables, vmalloc space, stacks,
 * modules, per-CPU memory. Only pages that were given out and whose use no flag tells are changed; `kinds` is changed in
 * place. Returns what could not be told apart. `directories`: top page tables of address spaces that no task may have.
 */
export function refineCensus(
  kernel: Kernel,
  { kinds }: PageCensus,
  users: PageUsers,
  directories: readonly bigint[] = [],
): readonly string[] {
  const paint = (frame: number, frames: number, kind: number): void => {
    const end = Math.min(kinds.length, frame + frames);
    for (let at = frame; at < end; at++) if (isUntold(kinds[at])) kinds[at] = kind;
  };
  for (const { order, frames } of users.parked)
    for (const frame of frames) paint(frame, 2 ** order, kindByte('per-cpu-list'));
  const own = users.tasks.map(({ memory: held }) => held?.pageDirectory ?? 0n);
  markTables(kernel, kinds, new Set([...own, ...directories]));
  const problems = paintAreas(kernel, kinds, users, paint);
  paintDirectMap(kernel, users, paint);
  return problems;
}

type Paint = (frame: number, frames: number, kind: number) => void;

const isUntold = (kind: number | undefined): boolean => kind === SINGLE || kind === COMPOUND || kind === UNCOUNTED;

/**
 * Page tables of the kernel and of every process. Page types mark some: of processes those of the last level (4.18, commit
 * 1d40a5ea01d5) and of the one above where it has locks of its own, of the kernel those above the last; all since 6.16. Below
 * a marked table of a process all are marked.
 */
function markTables({ memory, machine }: Kernel, kinds: Uint8Array, directories: ReadonlySet<bigint>): void {
  const { physical, pageSize, tables } = memory;
  const found: number[] = [];
  const walkThrough = (others: readonly number[]): TablePages =>
    new TablePages(physical, tables.format, (at, isRoot) => {
      const frame = Math.floor(at / pageSize);
      const kind = kinds[frame] ?? 0;
      if (isUntold(kind)) found.push(frame);
      // The root of a process may share its page with others, in a slab (arm64).
      return isUntold(kind) || others.includes(kind) || isRoot;
    });
  const split = machine === 'x86-64';
  walkThrough([RESERVED, PAGE_TABLE]).walk(tables.root, split ? 'upper half' : 'whole');
  const ofProcesses = walkThrough([]);
  for (const root of directories) {
    const at = root === 0n ? undefined : memory.translate(root);
    if (at === undefined) continue;
    ofProcesses.walk(at, split ? 'lower half' : 'whole');
    // With page table isolation (4.15) a root is two pages: the second one is what the process runs with.
    const second = Math.floor(at / pageSize) + 1;
    if (split && second % 2 === 1 && kinds[second] === UNCOUNTED) found.push(second);
  }
  for (const frame of found) kinds[frame] = PAGE_TABLE;
}

/** Pages are mapped once or twice in vmalloc space; tables that map each so often are damaged. */
const MOST_MAPPED = 16;

/** What the page tables map in the space of vmalloc and of modules belongs to the area it is mapped in. */
function paintAreas(kernel: Kernel, kinds: Uint8Array, users: PageUsers, paint: Paint): readonly string[] {
  const { tables, pageSize } = kernel.memory;
  const space = vmallocSpace(kernel);
  const areas = ownersOfAreas(kernel, users, space.modules);
  // Where no area could be read at all, nothing says what else is mapped there: the image, on arm64.
  const isTorn = !users.areasAreWhole && users.areas.length > 0;
  let [next, strays, left] = [0, 0, MOST_MAPPED * kinds.length];
  for (const { from, to } of rangesOf(space.vmalloc, space.modules, areas)) {
    for (const { virtual, physical, size } of tables.mappings(from, to)) {
      if (left-- === 0) return ['the page tables of vmalloc space map more than there is'];
      while ((areas[next]?.end ?? virtual + 1n) <= virtual) next++;
      const [area, frame, frames] = [areas[next], physical / pageSize, size / pageSize];
      const listed = area !== undefined && area.start <= virtual;
      const stray = !listed && isTorn && isUntold(kinds[frame]);
      if (stray) strays += frames;
      const kind = listed ? area.kind : stray ? 'vmalloc' : undefined;
      if (kind !== undefined) paint(frame, frames, kindByte(kind));
    }
  }
  return strays === 0 ? [] : [`${strays} pages are mapped in vmalloc space, in areas that could not be read`];
}

/** In order; where the dump does not say where the space lies, from the first area to the last. */
function rangesOf(
  vmalloc: readonly AddressRange[],
  modules: readonly AddressRange[],
  areas: readonly OwnedArea[],
): readonly AddressRange[] {
  const [first, last] = [areas[0], areas.at(-1)];
  const all = vmalloc.length === 0 && first && last ? [{ from: first.start, to: last.end }] : [...modules, ...vmalloc];
  return all.toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

/** Stacks and per-CPU chunks that lie in the direct map: kernels without VMAP_STACK (4.9), kernels for one CPU. */
function paintDirectMap(kernel: Kernel, users: PageUsers, paint: Paint): void {
  const { directMap, memory } = kernel;
  if (!directMap) return;
  const paintAt = (address: bigint, bytes: number, kind: PageKind): void => {
    const from = address - directMap.virtual;
    if (from < 0n || from >= directMap.size) return;
    const at = directMap.physical + Number(from);
    paint(Math.floor(at / memory.pageSize), Math.ceil(bytes / memory.pageSize), kindByte(kind));
  };
  const stack = stackBytes(kernel);
  if (stack !== undefined) for (const task of users.tasks) paintAt(task.stack, stack, 'kernel-stack');
  const { chunks = [], units = 0, unitBytes = 0 } = users.percpu ?? {};
  for (const { base, isFirst, isReserved } of chunks)
    if (!isFirst && !isReserved) paintAt(base, units * unitBytes, 'percpu');
}
