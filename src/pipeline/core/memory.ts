import { accountPages, type AccountedPages, type PageBucket } from '../../analysis/dump-accounting.ts';
import { spellBytes } from '../../base/spelling.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { CoreMemory } from '../../findings/core/core-memory.ts';
import type { Bucket } from '../../findings/diagnosis.ts';
import { readVmCounters } from '../../model/kernel/vm-counters.ts';
import { knowsReserved, pageUses, unaccountedOrders } from './page-groups.ts';
import type { CoreSession } from './session.ts';

/** The memory equation of a dump: every page of RAM once. */
export function coreMemory(session: CoreSession): CoreMemory {
  const { kernel, refinedPages } = session;
  const counters = readVmCounters(kernel);
  const accounted = accountPages(refinedPages, counters.value, kernel.memory.pageSize);
  return {
    totalBytes: accounted.total,
    buckets: accounted.buckets.map(describeBucket),
    ...(knowsReserved(session)
      ? {
          unaccountedBytes: accounted.unaccounted,
          unaccountedLow: accounted.low,
          unaccountedHigh: accounted.unaccounted,
        }
      : {}),
    notes: notesOf(session, accounted),
    uses: pageUses(session),
    unaccountedOrders: unaccountedOrders(session),
    meminfo: Object.fromEntries(counters.value.meminfo),
    problems: [...session.pageProblems, ...counters.problems],
  };
}

const describeBucket = ({ name, bytes, uses, counters }: PageBucket): Bucket => ({
  name,
  layer: BUCKETS[name]?.layer ?? 'none',
  label: BUCKETS[name]?.label ?? name,
  bytes,
  from: [...uses.map((use) => FROM[use] ?? `pages: ${use}`), ...counters].join(' + '),
});

/** What says of a page that it is that. */
const FROM: Readonly<Record<string, string>> = {
  free: 'free lists of the page allocator',
  'per-cpu-list': 'lists of each CPU',
  slab: 'struct slab and its cache',
  'page-table': 'page types and page tables',
  'kernel-stack': 'tasks and page tables',
  vmalloc: 'areas of vmalloc space and page tables',
  module: 'module space and page tables',
  percpu: 'per-CPU chunks and page tables',
};

function notesOf(session: CoreSession, accounted: AccountedPages): readonly string[] {
  const { users } = session;
  const notes: string[] = [];
  if (!accounted.totalIsCounted) notes.push('MemTotal could not be read; the pages that are described stand for it');
  const { disagreement } = accounted;
  if (disagreement !== 0 && knowsReserved(session)) {
    const direction = disagreement > 0 ? 'more' : 'less';
    notes.push(`MemTotal is ${spellBytes(Math.abs(disagreement))} ${direction} than the pages that the dump describes`);
  }
  if (!knowsReserved(session))
    notes.push('without types, what was kept at boot looks like what was given out: nothing is called unexplained');
  const { largeKmalloc, largeKmallocIsSeen, notDescribed, reservedLater, reserved } = accounted;
  if (largeKmalloc > 0 && !largeKmallocIsSeen)
    notes.push(
      `${spellBytes(largeKmalloc)} of slab are large kmalloc: blocks that look like any driver's in this kernel, as many as it counts as slab beyond its slabs`,
    );
  if (reserved > 0)
    notes.push(`${spellBytes(reserved)} beyond the total were kept at boot: image, memory map, holes of the firmware`);
  const boot = users.percpu?.bootBytes ?? 0;
  if (boot > 0) notes.push(`${spellBytes(boot)} of them are per-CPU memory, which Percpu of meminfo counts`);
  if (reservedLater > 0)
    notes.push(`${spellBytes(reservedLater)} of what is unexplained were marked reserved after they were given out`);
  if (notDescribed > 0)
    notes.push(`the dump lacks the struct pages of ${spellBytes(notDescribed)}: nothing is known of those`);
  return notes;
}
