import { bytes, isQuantity } from '../base/units.ts';
import type { CallSite, CallSiteGroup } from '../model/call-site.ts';
import type { AllocationGroup, AllocationReport } from '../model/snapshot.ts';
import { measureCallSite } from './call-site.ts';

/** A group keeps this many samples and names of processes. */
const KEPT = 8;

interface Draft {
  readonly site: CallSite;
  readonly detector: AllocationReport['detector'];
  readonly groups: AllocationGroup[];
  cut: boolean;
}

/**
 * Groups of all reports, added up where detector, function, module, cache and area are the same. Largest first; those
 * without bytes follow by count.
 */
export function groupByCallSite(reports: readonly AllocationReport[]): readonly CallSiteGroup[] {
  const drafts = new Map<string, Draft>();
  for (const { detector, groups, cut } of reports) {
    for (const group of groups) {
      const site = measureCallSite(group.stack);
      const key = keyOf(detector, site, group);
      const draft = drafts.get(key);
      if (!draft) drafts.set(key, { site, detector, groups: [group], cut });
      else {
        draft.groups.push(group);
        draft.cut ||= cut;
      }
    }
  }
  return [...drafts.values()].map(addUp).toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count);
}

/** Static functions of one name are told apart by their file, where the report has it. */
function keyOf(detector: string, site: CallSite, { cache, area, movable }: AllocationGroup): string {
  const file = detector === 'allocinfo' ? site.frame.source?.replace(/:\d+$/, '') : undefined;
  return [detector, site.function, site.module, cache, area, movable, file].join('\u0000');
}

function addUp({ site, detector, groups, cut }: Draft): CallSiteGroup {
  const [first] = groups;
  const held = groups.reduce((sum, g) => sum + (g.bytes ?? NaN), 0);
  const size = first?.objectSize;
  return {
    site,
    detector,
    count: groups.reduce((sum, g) => sum + g.count, 0),
    ...(isQuantity(held) ? { bytes: bytes(held) } : {}),
    ...(size !== undefined && groups.every((g) => g.objectSize === size) ? { objectSize: size } : {}),
    ...(first?.cache === undefined ? {} : { cache: first.cache }),
    ...(first?.area === undefined ? {} : { area: first.area }),
    ...(first?.movable === undefined ? {} : { movable: first.movable }),
    ...(first?.content === undefined ? {} : { content: first.content }),
    processes: processesOf(groups),
    stacks: groups.length,
    samples: groups.flatMap((g) => g.samples.slice(0, KEPT)).slice(0, KEPT),
    cut,
    at: first?.at ?? { kind: 'derived', from: [], by: 'groupByCallSite' },
  };
}

/** Most frequent first, as far as the order in each group tells. */
function processesOf(groups: readonly AllocationGroup[]): readonly string[] {
  const weights = new Map<string, number>();
  for (const { processes, count } of groups)
    processes.forEach((name, rank) => weights.set(name, (weights.get(name) ?? 0) + count / (rank + 1)));
  return [...weights]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, KEPT)
    .map(([name]) => name);
}
