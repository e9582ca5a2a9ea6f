import { measureCallSite } from '../../analysis/call-site.ts';
import type { PageOwnerGroup } from '../../findings/core/core-memory.ts';
import type { Walked } from '../../model/kernel/kernel.ts';
import { readPageOwners, type OwnedPages } from '../../model/kernel/page-owner.ts';
import { kindByte } from '../../model/kernel/page-kinds.ts';
import { spell } from './addresses.ts';
import { sampleOf } from './page-groups.ts';
import type { CoreSession } from './session.ts';

/** What stands on a stack's place where there is none (mm/page_owner.c). */
const UNRECORDED: ReadonlyMap<string, NonNullable<PageOwnerGroup['unrecorded']>> = new Map([
  ['register_early_stack', 'early'],
  ['register_dummy_stack', 'recursive'],
  ['register_failure_stack', 'failed'],
]);

/** Who took the pages whose use nothing tells. Undefined where the kernel does not keep it. */
export function pageOwners(session: CoreSession): Walked<readonly PageOwnerGroup[] | undefined> {
  const { kernel, refinedPages } = session;
  const { kinds } = refinedPages.census;
  const untold = new Set((['single', 'compound', 'uncounted'] as const).map(kindByte));
  const { value, problems } = readPageOwners(kernel, refinedPages.map, (frame) => untold.has(kinds[frame] ?? 0));
  return { value: value?.map((owned) => describe(session, owned)), problems };
}

function describe(session: CoreSession, owned: OwnedPages): PageOwnerGroup {
  const { symbols, memory } = session.kernel;
  const { stack, pages, blocks, orders, processes, samples } = owned;
  const frames = stack.map((address) => {
    const symbol = symbols.at(address);
    const module = symbol?.module === undefined ? {} : { module: symbol.module };
    return { symbol: symbol?.name ?? '', address: spell(address), ...module };
  });
  const unrecorded = UNRECORDED.get(frames[0]?.symbol ?? '');
  const site = unrecorded === undefined ? measureCallSite(frames) : undefined;
  return {
    stack: stack.map((address) => symbols.spell(address) ?? spell(address)),
    ...(site ? { function: site.function } : {}),
    ...(site?.module === undefined ? {} : { module: site.module }),
    callers: site?.callers ?? [],
    ...(unrecorded === undefined ? {} : { unrecorded }),
    pages,
    bytes: pages * memory.pageSize,
    blocks,
    orders,
    processes,
    samples: samples.map((frame) => sampleOf(session, frame)),
  };
}
