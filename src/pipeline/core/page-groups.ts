import type { BlockOrder, PageSample, PageUse } from '../../findings/core/core-memory.ts';
import { PAGE_USES } from '../../findings/core/page-uses.ts';
import { blockOrders } from '../../analysis/block-orders.ts';
import { countKinds } from '../../model/kernel/page-census.ts';
import type { PageKind } from '../../model/kernel/page-kinds.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** Pages of the machine that the page allocator never had, or that are taken out of use. */
const NOT_MANAGED: readonly PageKind[] = ['reserved', 'offline', 'not-described'];

/** What every page is used for, the most used first; uses that no page has are left out. */
export function pageUses(session: CoreSession): readonly (PageUse & { readonly use: PageKind })[] {
  const { pageSize } = session.kernel.memory;
  return [...countKinds(session.refinedPages.census.kinds)]
    .filter(([kind, pages]) => pages > 0 && kind !== 'absent')
    .map(([kind, pages]) => ({
      use: kind,
      label: PAGE_USES[kind] ?? kind,
      pages,
      bytes: pages * pageSize,
      isManaged: !NOT_MANAGED.includes(kind),
    }))
    .toSorted((a, b) => b.pages - a.pages);
}

/** Without types no flag tells pages that the allocator never had from those that it gave out. */
export const knowsReserved = ({ pages }: CoreSession): boolean => pages.layout.bits.reserved !== 0;

/** Blocks whose use nothing tells, by size; none where those kept at boot would be among them. */
export function unaccountedOrders(session: CoreSession): readonly BlockOrder[] {
  const { pageSize } = session.kernel.memory;
  if (!knowsReserved(session)) return [];
  return blockOrders(session.refinedPages.census).map(({ order, blocks, pages, compound, samples }) => ({
    order,
    blocks,
    pages,
    bytes: pages * pageSize,
    isCompound: compound,
    samples: samples.flatMap((frame) => sampleOf(session, frame).address ?? []),
  }));
}

/** A frame, where it is mapped, and its struct page. */
export function sampleOf({ kernel, pages }: CoreSession, frame: number): PageSample {
  const { directMap, memory } = kernel;
  const struct = pages.map.addressOf(frame);
  return {
    frame,
    ...(directMap ? { address: spell(directMap.virtual + BigInt(frame * memory.pageSize - directMap.physical)) } : {}),
    ...(struct === undefined ? {} : { struct: spell(struct) }),
  };
}
