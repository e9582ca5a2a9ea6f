import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { bytes, type Bytes } from '../../base/units.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Finding } from '../../findings/finding.ts';
import type { GrowthFacts } from '../../model/facts.ts';
import type { Snapshot, VmallocUser } from '../../model/snapshot.ts';
import { secondSnapshot } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** One caller holds much of vmalloc space, or more and more of it. */
export const vmallocUsers: Rule<'snapshot', 'growth' | 'accounting'> = defineRule({
  id: 'vmalloc-user',
  title: 'one caller holds much vmalloc memory',
  needs: ['snapshot'],
  mayUse: ['growth', 'accounting'],
  examine({ snapshot, growth, accounting }) {
    const grown = growth?.vmalloc.find(
      (v) => v.last - v.first >= growth.gate && v.last >= v.first * 1.3 && v.trend > 0.5 && !isOnce(v),
    );
    if (growth && grown) return [describeGrowth(grown, snapshot)];
    const ram = accounting?.total.bytes;
    const floor = ram === undefined ? 64 * MIB : Math.max(64 * MIB, ram * 0.05);
    const [top] = [...byModule(snapshot).values()].toSorted((a, b) => b.bytes - a.bytes);
    return top && top.bytes >= floor && !growth ? [describeUser(top, ram)] : [];
  },
});

/** One area or two more are something that was set up, such as the first BPF program. */
const isOnce = ({ objects }: GrowthFacts['vmalloc'][number]): boolean =>
  objects !== undefined && objects.last - objects.first < FEWEST_ADDED;
const FEWEST_ADDED = 3;

interface ModuleUse {
  readonly name: string;
  readonly module?: string;
  readonly bytes: Bytes;
  readonly areas: number;
  readonly callers: readonly string[];
  readonly at: Provenance;
}

/** Users of one module added up; core callers stand alone. Stacks, modules' own code and percpu are not users. */
function byModule({ vmalloc }: Snapshot): ReadonlyMap<string, ModuleUse> {
  const uses = new Map<string, ModuleUse>();
  for (const user of vmalloc?.users ?? []) {
    if (isKernelsOwn(user)) continue;
    const key = user.module ?? user.caller;
    const before = uses.get(key);
    uses.set(key, {
      name: key,
      ...(user.module === undefined ? {} : { module: user.module }),
      bytes: bytes(user.bytes + (before?.bytes ?? 0)),
      areas: user.areas + (before?.areas ?? 0),
      callers: [...(before?.callers ?? []), user.caller],
      at: before?.at ?? user.at,
    });
  }
  return uses;
}

const isKernelsOwn = ({ caller }: VmallocUser): boolean =>
  /^(?:kernel_clone|_do_fork|do_fork|fork_idle|copy_process|dup_task_struct|alloc_thread_stack_node|module_alloc|load_module|move_module|pcpu_\w+|alloc_large_system_hash|section_mem\w*|vmemmap_\w+|alloc_workqueue|bpf_jit_alloc_exec)/.test(
    caller,
  );

function describeUser(user: ModuleUse, ram: Bytes | undefined): Finding {
  const share = ram === undefined ? '' : ` (${spellShare(user.bytes / ram)} of RAM)`;
  return {
    id: 'vmalloc-user',
    title: `${user.module ? `module ${user.module}` : user.name} holds ${spellBytes(user.bytes)} of vmalloc memory${share}`,
    summary: `${spellBytes(user.bytes)}${share} of vmalloc memory belong to ${user.module ? `module ${user.module}` : user.name}. One look cannot tell whether it grows.`,
    verdict: 'inconclusive',
    layer: 'vmalloc',
    confidence: 0.5,
    bytes: user.bytes,
    objects: user.areas,
    subject: { function: user.callers[0] ?? user.name },
    ...(user.module ? { owner: { kind: 'module', name: user.module } } : {}),
    evidence: [{ text: `${spellCount(user.areas)} areas by ${user.callers.slice(0, 4).join(', ')}`, source: user.at }],
    next: [secondSnapshot],
    terms: ['vmalloc'],
  };
}

function describeGrowth(grown: GrowthFacts['vmalloc'][number], snapshot: Snapshot): Finding {
  const change = bytes(grown.last - grown.first);
  const who = grown.module ? `${grown.name} [${grown.module}]` : grown.name;
  return {
    id: 'vmalloc-user',
    title: `vmalloc memory of ${who} grew by ${spellBytes(change)}`,
    summary: `vmalloc memory grows: ${spellBytes(change)} more for ${who}.`,
    verdict: 'growth',
    layer: 'vmalloc',
    confidence: 0.75,
    bytes: change,
    ...rateOf(grown, snapshot),
    subject: { function: grown.name },
    ...(grown.module ? { owner: { kind: 'module', name: grown.module, function: grown.name } } : {}),
    evidence: [{ text: `${who}: ${spellGrowth(grown)}`, source: grown.lastAt }],
    next: [],
    terms: ['vmalloc', 'growth rate'],
  };
}
