import { spellBytes } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

type Kill = Extract<KernelEvent, { kind: 'out-of-memory' }>;
type Failure = Extract<KernelEvent, { kind: 'allocation-failure' }>;

/** Reports that look like memory running out and are not: SysRq-f, a vmalloc request beyond reason, a high order. */
export const killWithoutShortage: Rule<'events'> = defineRule({
  id: 'no-shortage',
  title: 'out-of-memory or failure reports without a shortage',
  needs: ['events'],
  examine({ events }) {
    const kills = events.filter((e): e is Kill => e.kind === 'out-of-memory');
    const failures = events.filter((e): e is Failure => e.kind === 'allocation-failure');
    return [
      ...kills
        .filter((k) => k.trigger === 'sysrq')
        .slice(0, 1)
        .map(byOperator),
      ...(kills.length > 0 && kills.every((k) => k.trigger === 'memory-cgroup') ? kills.slice(0, 1).map(byCgroup) : []),
      ...failures
        .filter((f) => f.vmalloc)
        .slice(0, 1)
        .map(vmallocRequest),
      ...failures
        .filter((f) => !f.vmalloc && (f.order ?? 0) >= 3)
        .slice(0, 1)
        .map(highOrder),
    ];
  },
});

function byOperator(kill: Kill): Finding {
  return {
    id: 'no-shortage',
    title: 'the kill was asked for by hand (SysRq-f, moom_callback), not by a shortage',
    summary:
      'Not a leak: the out-of-memory kill was asked for by hand (SysRq-f, or f written to /proc/sysrq-trigger: moom_callback), memory had not run out.',
    verdict: 'not-a-leak',
    layer: 'none',
    confidence: 0.92,
    evidence: [
      { text: 'the request has order −1 or comes from moom_callback, which only SysRq-f uses', source: kill.at },
    ],
    next: [
      {
        command: 'ausearch -i -f /proc/sysrq-trigger; last -x | head',
        why: 'who was on the host at that moment',
        risk: 'none',
      },
    ],
    terms: ['OOM killer'],
  };
}

function byCgroup(kill: Kill): Finding {
  return {
    id: 'no-shortage',
    title: 'a memory cgroup reached its limit; the host had not run out',
    summary: `A memory cgroup reached its own limit${kill.killed ? ` and ${kill.killed.name} was killed` : ''}; the host as a whole had not run out of memory.`,
    verdict: 'inconclusive',
    layer: 'user',
    confidence: 0.7,
    ...(kill.killed ? { owner: { kind: 'process', name: kill.killed.name } } : {}),
    evidence: [{ text: 'the kill was constrained to a memory cgroup', source: kill.at }],
    next: [
      {
        command: 'grep -H . /sys/fs/cgroup/*/memory.stat',
        why: 'anon, file and slab inside the cgroup: which of them fills it',
        risk: 'none',
      },
    ],
    terms: ['memory cgroup', 'OOM killer'],
  };
}

function vmallocRequest(failure: Failure): Finding {
  const size = failure.requested === undefined ? '' : ` of ${spellBytes(failure.requested)}`;
  return {
    id: 'no-shortage',
    title: `a vmalloc request${size} failed${failure.process ? `, made by ${failure.process}` : ''}`,
    summary: `Not a leak: one vmalloc request${size}${failure.process ? ` by ${failure.process}` : ''} was too large to serve; that is a single refused request, not memory that got lost.`,
    verdict: 'not-a-leak',
    layer: 'none',
    confidence: 0.85,
    evidence: [{ text: `vmalloc allocation failure${size}`, source: failure.at }],
    next: [],
    terms: ['vmalloc'],
  };
}

function highOrder(failure: Failure): Finding {
  return {
    id: 'no-shortage',
    title: `an allocation of order ${failure.order ?? 0} failed${failure.process ? ` for ${failure.process}` : ''}`,
    summary: `An allocation of ${2 ** Math.min(20, failure.order ?? 0)} pages in one piece failed: memory is fragmented, which is not the same as lost.`,
    verdict: 'inconclusive',
    layer: 'none',
    confidence: 0.5,
    evidence: [{ text: `page allocation failure of order ${failure.order ?? 0}`, source: failure.at }],
    next: [
      {
        command: 'cat /proc/buddyinfo; cat /proc/pagetypeinfo',
        why: 'which orders are gone, and which kind of pages is in the way',
        risk: 'none',
      },
    ],
    terms: ['page allocator', 'fragmentation'],
  };
}
