import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { collectAll } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

type Kill = Extract<KernelEvent, { kind: 'out-of-memory' }>;

/** A kill of which only the head or the last line was given: where memory was stood in between. */
export const killUnexplained: Rule<'events'> = defineRule({
  id: 'kill-unexplained',
  title: 'an out-of-memory kill without the part that says where memory was',
  needs: ['events'],
  examine({ events }) {
    const kills = events.filter((e): e is Kill => e.kind === 'out-of-memory');
    const told = kills.some((k) => k.trigger === 'sysrq' || k.trigger === 'memory-cgroup' || k.report !== undefined);
    const bare = kills.filter((k) => k.killed !== undefined || k.process !== undefined);
    const [worst] = bare.toSorted((a, b) => (b.killed?.anonRss ?? 0) - (a.killed?.anonRss ?? 0));
    return told || !worst ? [] : [describe(worst, bare.length)];
  },
});

function describe({ killed, process, at }: Kill, times: number): Finding {
  const held = killed?.anonRss;
  const victim = killed === undefined ? '' : `: ${killed.name} was killed`;
  const size = held === undefined ? '' : ` with ${spellBytes(held)} of its own memory`;
  const often = times > 1 ? `; ${spellCount(times)} kills in this log` : '';
  return {
    id: 'kill-unexplained',
    title: `memory ran out${victim}${size}${often}`,
    summary: `Memory ran out${victim}${size}${often}. The lines from Mem-Info on, which say whether processes, caches or the kernel held it, were not given.`,
    verdict: 'inconclusive',
    layer: killed === undefined ? 'none' : 'user',
    confidence: 0.45,
    ...(held === undefined ? {} : { bytes: held }),
    ...(killed === undefined ? {} : { owner: { kind: 'process', name: killed.name } }),
    evidence: [
      {
        text: `${process === undefined ? 'the kernel' : process} needed memory${victim}${size}`,
        source: at,
      },
    ],
    next: [
      {
        command: "journalctl -k | grep -A 200 'invoked oom-killer'",
        why: 'the whole report: Mem-Info, the table of processes, and unreclaimable slab where it is large',
        risk: 'none',
      },
      collectAll,
    ],
    terms: ['OOM killer', 'RSS'],
  };
}
