import type { CgroupPin } from '../../findings/core/core-cgroups.ts';
import { spell } from './addresses.ts';
import { pointerHolders } from './pointer-holders.ts';
import type { CoreSession } from './session.ts';

/** A pointer to a memory cgroup may be declared as one to what it begins with. */
const TYPES: ReadonlySet<string> = new Set(['mem_cgroup', 'cgroup_subsys_state']);
/**
 * Words that hold its address and no reference: of the cgroup's own structs (mm/memcontrol.c, mm_types.h), of the last tasks
 * in it, and of who comes next when memory is reclaimed.
 */
const OWN =
  /^struct (?:mem_cgroup|mem_cgroup_per_node|obj_cgroup|cgroup|css_set|memcg_vmstats_percpu|mem_cgroup_reclaim_iter)\b/;
/** Its entry in the table of numbers, and its own counters in per-CPU memory. */
const OWN_PLACE = /^(?:radix_tree_node\+|vmalloc area of pcpu_|per-CPU area )/;

/** Who holds the addresses of these struct mem_cgroup; their own structs left out. Most of them first. */
export function cgroupHolders(session: CoreSession, addresses: readonly bigint[]): readonly CgroupPin[] {
  const ignored = (name: string): boolean => OWN.test(name) || OWN_PLACE.test(name);
  return pointerHolders(session, { addresses, types: TYPES, ignored }).map(({ name, held, count, samples }) => ({
    kind: 'referrer',
    name,
    cgroups: held.length,
    count,
    samples: samples.map(spell),
    cgroupsHeld: held.map((i) => spell(addresses[i] ?? 0n)),
  }));
}
