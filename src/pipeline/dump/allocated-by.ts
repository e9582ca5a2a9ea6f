import type { Allocation, CodeOwner, LostMemory, LostThing } from '../../model/dump-facts.ts';
import { AllocationRecords } from '../../model/kernel/allocation-records.ts';
import { readPageOwners } from '../../model/kernel/page-owner.ts';
import type { Stack } from '../../model/kernel/stack-depot.ts';
import type { CoreSession } from '../core/session.ts';
import { withAllocationSites, withPageSites } from './allocation-sites.ts';

/** Things that are asked about; the others are small. */
const MOST_THINGS = 12;
const MOST_FRAMES = 12;
/** Functions of the allocator itself, which every stack begins with. */
const ALLOCATOR =
  /^(?:slab_post_alloc_hook|__?kmem_cache_alloc\w*|_*kmalloc\w*|kzalloc\w*|kcalloc\w*|kvmalloc\w*|krealloc\w*|___?slab_alloc\w*|slab_alloc\w*|get_page_from_freelist|prep_new_page|post_alloc_hook|set_page_owner|__set_page_owner|save_stack|_*alloc_pages\w*|__?get_free_pages?|__folio_alloc\w*|register_early_stack|init_page_owner|alloc_slab_page|allocate_slab|new_slab)$/;

/** Adds who allocated what was lost, where kmemleak, slub_debug or the profile of allocations wrote it down. */
export function withAllocations(session: CoreSession, things: readonly LostThing[]): readonly LostThing[] {
  const { kernel, heap } = session;
  const records = new AllocationRecords(kernel, heap);
  const wanted = things.slice(0, MOST_THINGS).flatMap(({ parts: [lead], samples }) => {
    const cache = heap.caches.find(({ name }) => name === lead.cache);
    return cache ? samples.map((sample) => [BigInt(`0x${sample}`), cache] as const) : [];
  });
  const found = records.of(new Map(wanted));
  if (found.size === 0) return withAllocationSites(session, things);
  const recorded = things.map((thing) => {
    const of = thing.samples.flatMap((sample) => found.get(BigInt(`0x${sample}`)) ?? []);
    const [first] = of;
    if (!first) return thing;
    const allocation = spelled(session, first.detector, mostFrequent(of.map(({ stack }) => stack)), first.comm);
    return { ...thing, allocation, ...ownerOf(thing.owner, allocation) };
  });
  return withAllocationSites(session, recorded);
}

/** Adds who took the pages, where page_owner or the profile of allocations wrote it down. */
export function withPageOwners(session: CoreSession, lost: readonly LostMemory[]): readonly LostMemory[] {
  const { kernel, refinedPages, reachability } = session;
  const { space, marked } = reachability;
  const owned = lost.map((memory) => {
    if (memory.kind !== 'pages' || memory.blocks < 10) return memory;
    const frames = new Set(
      space.extras.flatMap(({ kind, frame, frames: pages }, i) =>
        kind === 'pages' && pages === memory.pages && !marked.has(space.table.objects + i) ? [frame] : [],
      ),
    );
    const [owner] = readPageOwners(kernel, refinedPages.map, (frame) => frames.has(frame)).value ?? [];
    if (!owner || owner.stack.length === 0) return memory;
    return {
      ...memory,
      allocation: spelled(session, 'page_owner', owner.stack, owner.processes[0]),
      allocated: owner.blocks,
    };
  });
  return withPageSites(session, owned);
}

function spelled(
  { kernel }: CoreSession,
  detector: Allocation['detector'],
  stack: Stack,
  process: string | undefined,
): Allocation {
  const frames = stack.map((address) => kernel.symbols.spell(address) ?? address.toString(16));
  const first = frames.findIndex((frame) => !ALLOCATOR.test(nameOf(frame)));
  return {
    detector,
    stack: frames.slice(Math.max(0, first), Math.max(0, first) + MOST_FRAMES),
    ...(process === undefined || process === '' ? {} : { process }),
  };
}

const nameOf = (frame: string): string => frame.replace(/[+ ].*$/, '');

/** The content of an object names its maker better than a stack does; a module in the stack is better than nothing. */
function ownerOf(known: CodeOwner | undefined, { stack }: Allocation): { readonly owner?: CodeOwner } {
  if (known?.module !== undefined) return { owner: known };
  for (const frame of stack) {
    const [, name, module] = /^(\S+?)(?:\+0x[0-9a-f]+)? \[(.+)\]$/.exec(frame) ?? [];
    if (name !== undefined && module !== undefined) return { owner: { function: name, ...known, module } };
  }
  return known ? { owner: known } : {};
}

function mostFrequent(stacks: readonly Stack[]): Stack {
  const counts = new Map<string, { stack: Stack; count: number }>();
  for (const stack of stacks) {
    const key = stack.join(' ');
    counts.set(key, { stack, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.stack ?? [];
}
