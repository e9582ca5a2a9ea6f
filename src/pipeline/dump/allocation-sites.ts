import { bytes } from '../../base/units.ts';
import type { Allocation, LostMemory, LostThing } from '../../model/dump-facts.ts';
import type { AllocationSite } from '../../model/kernel/alloc-tags.ts';
import { AllocationPlaces } from '../../model/kernel/allocation-places.ts';
import { objectAt } from '../../model/kernel/slab-heap.ts';
import type { CoreSession } from '../core/session.ts';

/** Adds which line of source allocated things that no detector has a stack of, where the kernel profiles its allocations. */
export function withAllocationSites(session: CoreSession, things: readonly LostThing[]): readonly LostThing[] {
  const places = openPlaces(session);
  if (!places) return things;
  const { kernel, heap } = session;
  const directMap = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  const siteOf = (sample: string): AllocationSite | undefined => {
    const found = objectAt({ kernel, ...heap, directMap }, BigInt(`0x${sample}`));
    if (!found) return undefined;
    return places.ofObject(heap.table.frame[found.slab] ?? 0, found.object - (heap.table.first[found.slab] ?? 0));
  };
  return things.map((thing) => {
    const site = thing.allocation ? undefined : mostFrequent(thing.samples.flatMap((sample) => siteOf(sample) ?? []));
    if (!site) return thing;
    const { module } = site;
    const owner = thing.owner?.module === undefined && module !== undefined ? { function: site.function, ...thing.owner, module } : thing.owner; // prettier-ignore
    return { ...thing, allocation: allocationOf(site), ...(owner ? { owner } : {}) };
  });
}

/** The same of blocks of pages. */
export function withPageSites(session: CoreSession, lost: readonly LostMemory[]): readonly LostMemory[] {
  const places = openPlaces(session);
  if (!places) return lost;
  const { kernel } = session;
  return lost.map((memory) => {
    if (memory.kind !== 'pages' || memory.allocation) return memory;
    const sites = memory.samples.flatMap((sample) => {
      const physical = kernel.memory.translate(BigInt(`0x${sample}`));
      return physical === undefined ? [] : (places.ofPage(Math.floor(physical / kernel.memory.pageSize)) ?? []);
    });
    const site = mostFrequent(sites);
    return site ? { ...memory, allocation: allocationOf(site) } : memory;
  });
}

const openPlaces = ({ kernel, refinedPages }: CoreSession): AllocationPlaces | undefined =>
  AllocationPlaces.open(kernel, refinedPages);

const allocationOf = ({ file, line, function: name, module, bytes: held, calls }: AllocationSite): Allocation => ({
  detector: 'alloc_tag',
  stack: [module === undefined ? name : `${name} [${module}]`],
  site: { line: `${file}:${line}`, bytes: bytes(Math.max(0, held)), calls: Math.max(0, calls) },
});

function mostFrequent(sites: readonly AllocationSite[]): AllocationSite | undefined {
  const counts = new Map<bigint, number>();
  for (const { address } of sites) counts.set(address, (counts.get(address) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return sites.find(({ address }) => address === most?.[0]);
}
