import type { Kernel } from './kernel.ts';
import type { PageKind } from './page-kinds.ts';
import type { PageUsers } from './page-users.ts';
import type { VmallocArea } from './vmalloc.ts';
import { isInside, type AddressRange } from './vmalloc-space.ts';

/** A stretch of vmalloc space and what the pages mapped in it are; undefined: they belong to somebody else. */
export interface OwnedArea {
  readonly start: bigint;
  readonly end: bigint;
  readonly kind: PageKind | undefined;
}

/** More than any stack: 64 KiB with KASAN on 64 KiB pages. */
const LARGEST_STACK = 2 ** 20;
const SMALLEST_STACK = 4096;

/** Bytes of a kernel stack, by the one that the image itself holds; `…_task` before 6.10 (commit 8f69cba096b5). */
export function stackBytes({ symbols }: Kernel): number | undefined {
  for (const name of ['stack', 'task']) {
    const [start, end] = [symbols.find(`__start_init_${name}`), symbols.find(`__end_init_${name}`)];
    const bytes = start === undefined || end === undefined ? 0 : Number(end - start);
    if (bytes >= SMALLEST_STACK && bytes <= LARGEST_STACK) return bytes;
  }
  return undefined;
}

/**
 * What the pages of each area are, by address. An area is a stack when a task says so, or when the same caller got it in the
 * same size: stacks of tasks that are gone wait for the next ones. Areas of per-CPU memory name the function that cut them.
 */
export function ownersOfAreas(
  kernel: Kernel,
  users: PageUsers,
  modules: readonly AddressRange[],
): readonly OwnedArea[] {
  const { symbols } = kernel;
  const percpuCaller = symbols.find('pcpu_get_vm_areas');
  const stacks = new Set(users.tasks.map(({ stack }) => stack));
  const key = ({ caller, pages }: VmallocArea): string => `${caller?.toString(16) ?? ''} ${pages}`;
  const stackCallers = new Set(users.areas.filter(({ start }) => stacks.has(start)).map(key));
  const kindOf = (area: VmallocArea): PageKind | undefined => {
    if (!area.owns) return undefined;
    if (stacks.has(area.start) || (area.caller !== undefined && stackCallers.has(key(area)))) return 'kernel-stack';
    if (percpuCaller !== undefined && area.caller === percpuCaller) return 'percpu';
    return isInside(modules, area.start) ? 'module' : 'vmalloc';
  };
  const owned = users.areas.map((area) => ({
    start: area.start,
    end: area.start + BigInt(area.size),
    kind: kindOf(area),
  }));
  return [...owned, ...notListed(kernel, users, owned)].toSorted((a, b) => (a.start < b.start ? -1 : 1));
}

/** Where areas are missing from their list, stacks and per-CPU chunks still say where they lie. */
function notListed(kernel: Kernel, users: PageUsers, listed: readonly OwnedArea[]): readonly OwnedArea[] {
  if (users.areasAreWhole) return [];
  const known = new Set(listed.map(({ start }) => start));
  const [stack, { percpu }] = [stackBytes(kernel), users];
  const stacks =
    stack === undefined
      ? []
      : users.tasks.map((task) => ({ start: task.stack, bytes: stack, kind: 'kernel-stack' as const }));
  const chunks = (percpu?.chunks ?? [])
    .filter(({ isFirst, isReserved }) => !isFirst && !isReserved)
    .map(({ base }) => ({
      start: base,
      bytes: (percpu?.unitBytes ?? 0) * (percpu?.units ?? 0),
      kind: 'percpu' as const,
    }));
  return [...stacks, ...chunks]
    .filter(({ start }) => start !== 0n && !known.has(start))
    .map(({ start, bytes, kind }) => ({ start, end: start + BigInt(bytes), kind }));
}
