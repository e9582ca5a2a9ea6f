import type { CorePages, PageSample } from '../../findings/core/core-memory.ts';
import { kindByte, type PageKind } from '../../model/kernel/page-kinds.ts';
import { pageUses, sampleOf, unaccountedOrders } from './page-groups.ts';
import { pageOwners } from './page-owners.ts';
import type { CoreSession } from './session.ts';

const SAMPLES = 3;

/** Pages by use, with examples of each. */
export function corePages(session: CoreSession): CorePages {
  const uses = pageUses(session);
  const { value: owners, problems } = pageOwners(session);
  return {
    pageSize: session.kernel.memory.pageSize,
    totalPages: uses.reduce((sum, { pages }) => sum + pages, 0),
    uses: uses.map((use) => ({ ...use, samples: samplesOf(session, use.use, use.pages) })),
    orders: unaccountedOrders(session),
    ...(owners ? { owners } : {}),
    problems: [...session.pageProblems, ...problems],
  };
}

/** From the middle of each third, since the first and the last of a use are seldom typical. */
function samplesOf(session: CoreSession, kind: PageKind, pages: number): readonly PageSample[] {
  const { kinds } = session.refinedPages.census;
  const byte = kindByte(kind);
  const wanted = [
    ...new Set(Array.from({ length: SAMPLES }, (_, i) => Math.floor(((2 * i + 1) * pages) / (2 * SAMPLES)))),
  ];
  const samples: PageSample[] = [];
  let met = 0;
  for (let frame = 0; frame < kinds.length && samples.length < wanted.length; frame++) {
    if (kinds[frame] !== byte) continue;
    if (met === wanted[samples.length]) samples.push(sampleOf(session, frame));
    met++;
  }
  return samples;
}
