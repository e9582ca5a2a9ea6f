import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { collectAll } from '../next-steps.ts';
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
        .filter((f) => !f.vmalloc && f.order !== undefined)
        .toSorted((a, b) => (b.order ?? 0) - (a.order ?? 0))
        .slice(0, 1)
        .map((f) => ((f.order ?? 0) >= 3 ? highOrder(f) : lowOrder(f, failures.length))),
    ];
  },
});

function byOperator(kill: Kill): Finding {
  return {
    id: 'no-shortage',
    title: 'the kill was asked for by hand (SysRq-f, moom_callback), not by a shortage',
    summary:
      'The out-of-memory kill was asked for by hand (SysRq-f, or f written to /proc/sysrq-trigger: moom_callback), memory had not run out.',
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
    summary: `One vmalloc request${size}${failure.process ? ` by ${failure.process}` : ''} was too large to serve; that is a single refused request, not memory that got lost.`,
    verdict: 'not-a-leak',
    layer: 'none',
    confidence: 0.85,
    evidence: [{ text: `vmalloc allocation failure${size}`, source: failure.at }],
    next: [],
    terms: ['vmalloc'],
  };
}

/** The allocator and what reports its failures: beyond them stands who asked. */
const ALLOCATOR =
  /^(?:dump_\w+|show_stack|unwind_backtrace|warn_alloc\w*|_{0,3}alloc_\w+|_{0,4}cache_alloc\w*|cache_grow\w*|fallback_alloc|_{0,3}k[mz]\w*alloc\w*|kmem_\w+|_{0,3}slab_\w+|new_slab\w*|allocate_slab|_{0,2}get_free_pages|page_frag_\w+|_{0,2}\w{0,12}netdev_alloc_\w+|_{0,2}napi_alloc_\w+|_{0,2}build_skb|skb_\w+|kvmalloc\w*|dma_\w+|_{0,2}dma_\w+)(?:\.\w+)*$/;

function askedBy({ stack, process }: Failure): { readonly words: string; readonly owner?: Finding['owner'] } {
  const frame = stack.find(({ symbol }) => symbol !== '' && !ALLOCATOR.test(symbol));
  if (!frame) return { words: process === undefined ? '' : ` for ${process}` };
  const { symbol, module } = frame;
  return {
    words: `, asked for by ${symbol}${module === undefined ? '' : ` [${module}]`}`,
    ...(module === undefined ? {} : { owner: { kind: 'module', name: module, function: symbol } }),
  };
}

function highOrder(failure: Failure): Finding {
  const { words, owner } = askedBy(failure);
  const pages = 2 ** Math.min(20, failure.order ?? 0);
  return {
    id: 'no-shortage',
    title: `an allocation of order ${failure.order ?? 0} failed${words}`,
    summary: `An allocation of ${pages} pages in one piece failed${words}: memory is fragmented, which is not the same as lost.`,
    verdict: 'inconclusive',
    layer: 'none',
    confidence: 0.5,
    ...(owner ? { owner } : {}),
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

/** A page or four: there was next to nothing free at that moment, or the caller could not wait for it. */
function lowOrder(failure: Failure, times: number): Finding {
  const { words, owner } = askedBy(failure);
  const atomic = /GFP_ATOMIC|GFP_NOWAIT/.test(failure.mode ?? '');
  const order = failure.order ?? 0;
  const often = times > 1 ? ` (${spellCount(times)} such reports)` : '';
  return {
    id: 'no-shortage',
    title: `an allocation of order ${order} failed${words}${often}`,
    summary: `An allocation of ${order === 0 ? 'one page' : `${2 ** order} pages`} failed${words}${often}${atomic ? ', which could not wait' : ''}: free memory had run low at that moment. Whether it is lost or in use, the report does not say.`,
    verdict: 'inconclusive',
    layer: 'none',
    confidence: 0.4,
    ...(owner ? { owner } : {}),
    evidence: [{ text: `page allocation failure of order ${order}`, source: failure.at }],
    next: [collectAll],
    terms: ['page allocator'],
  };
}
