import { bytes } from '../../base/units.ts';
import { auditCounts, type CountAudit } from '../../analysis/audit/audit-counts.ts';
import { auditDentries } from '../../analysis/audit/audit-dentries.ts';
import { auditMounts } from '../../analysis/audit/audit-mounts.ts';
import type { Unbalanced } from '../../model/dump-facts.ts';
import { spell } from '../core/addresses.ts';
import { isMerged } from '../core/merged-caches.ts';
import type { CoreSession } from '../core/session.ts';

/** Fewer of a type may be on their way between two owners. */
const FEWEST = 10;
/** Objects of a cache whose counts are compared: enough to see a leak in, and bounded in time. */
const MOST_EXAMINED = 500_000;

/** Counts that are above what refers to the object, dentries by file system, others by type. */
export const unbalancedCounts = (session: CoreSession): readonly Unbalanced[] => [
  ...ofDentries(session),
  ...ofOthers(session),
];

function ofDentries({ kernel, heap, reachability }: CoreSession): readonly Unbalanced[] {
  const audit = auditDentries(kernel, heap, reachability);
  if (!audit) return [];
  const mounts = new Map(
    (auditMounts(kernel, heap, reachability, audit.pinned) ?? []).map((m) => [m.fileSystem, m.recorded - m.found]),
  );
  const reclaimable = heap.caches.find(({ name }) => name === audit.cache)?.reclaimable ?? true;
  return audit.disagreeing.map((group): Unbalanced => {
    const excess = mounts.get(group.fileSystem);
    return {
      type: 'struct dentry',
      cache: audit.cache,
      reclaimable,
      fileSystem: group.fileSystem,
      objects: group.objects,
      bytes: bytes(group.objects * audit.objectSize),
      recorded: group.recorded,
      found: group.found,
      unreachable: group.unreachable,
      ...(excess === undefined ? {} : { mountExcess: excess }),
      samples: group.samples.map(spell),
    };
  });
}

/** What nothing leads to at all is told as that; of what can be reached the count alone tells that it was forgotten. */
function ofOthers(session: CoreSession): readonly Unbalanced[] {
  const { kernel, heap, reachability } = session;
  const audits = auditCounts(kernel, heap, reachability, (cache) => isMerged(session, cache), MOST_EXAMINED);
  return audits.flatMap((audit) => ofType(session, audit));
}

function ofType(
  { heap }: CoreSession,
  { type, member, isProven, cache, objectSize, groups }: CountAudit,
): readonly Unbalanced[] {
  const reached = groups.filter(({ objects, unreachable }) => unreachable < objects);
  const [largest] = reached;
  const objects = reached.reduce((sum, group) => sum + group.objects - group.unreachable, 0);
  if (!largest || objects < FEWEST) return [];
  return [
    {
      type: `struct ${type}`,
      member,
      ...(isProven ? {} : { isUnproven: true }),
      cache,
      reclaimable: heap.caches.find(({ name }) => name === cache)?.reclaimable ?? false,
      objects,
      bytes: bytes(objects * objectSize),
      recorded: largest.recorded,
      found: largest.found,
      unreachable: 0,
      samples: largest.samples.map(spell),
    },
  ];
}
