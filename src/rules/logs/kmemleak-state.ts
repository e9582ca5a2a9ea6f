import { spellCount, spellThings } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { KernelEvent } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

type KmemleakEvent = Extract<KernelEvent, { kind: 'kmemleak' }>;

/** What the log says of kmemleak itself: that it is off and why, or that it has suspects. */
export const kmemleakState: Rule<'events', 'callSites'> = defineRule({
  id: 'kmemleak-state',
  title: 'what the log says of kmemleak',
  needs: ['events'],
  mayUse: ['callSites'],
  examine({ events, callSites = [] }) {
    const lines = events.filter((e): e is KmemleakEvent => e.kind === 'kmemleak');
    const early = lines.find((e) => e.state === 'early-log-exceeded' || e.state === 'pool-exhausted');
    const off = early ?? lines.find((e) => e.state === 'disabled');
    const suspects = lines.filter((e) => e.state === 'suspects');
    const reported = callSites.some((g) => g.detector === 'kmemleak');
    const [first] = suspects;
    if (first && !reported) return [suspected(first, suspects)];
    return off ? [disabled(off, lines)] : [];
  },
});

function disabled(event: KmemleakEvent, lines: readonly KmemleakEvent[]): Finding {
  const full = event.state !== 'disabled';
  const size = event.count === undefined ? '' : ` (${spellCount(event.count)} entries did not fit)`;
  const pool = /MEM_POOL/.test(event.text) || event.state === 'pool-exhausted';
  const option = pool ? 'CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE' : 'CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE';
  const wanted = event.count === undefined ? 16_000 : Math.max(4000, 2 ** Math.ceil(Math.log2(event.count * 4)));
  return {
    id: 'kmemleak-state',
    title: full ? `kmemleak switched itself off at boot: its early log was too small${size}` : 'kmemleak is off',
    summary: full
      ? `kmemleak is off: its ${pool ? 'memory pool' : 'early log'} was too small at boot${size} and it disabled itself, so it can find nothing. Rebuild with a larger ${option}; what leaks cannot be told from this.`
      : 'kmemleak is off (by boot parameter, or after an error), so it can find nothing; what leaks cannot be told from this.',
    verdict: 'inconclusive',
    layer: 'none',
    confidence: 0.9,
    evidence: [
      { text: `the log says: ${event.text}`, source: event.at },
      ...lines
        .filter((l) => l !== event)
        .slice(0, 2)
        .map((l) => ({ text: `and: ${l.text}`, source: l.at })),
    ],
    next: [
      ...(full
        ? [
            {
              command: `scripts/config --set-val ${option.replace('CONFIG_', '')} ${wanted}`,
              why: 'in the kernel source, then rebuild: room for all that is allocated before kmemleak starts',
              risk: 'high' as const,
            },
          ]
        : [
            {
              command: 'cat /proc/cmdline; zgrep KMEMLEAK /proc/config.gz',
              why: 'kmemleak=on on the command line switches it on where it is built in',
              risk: 'none' as const,
            },
          ]),
      {
        command: 'kleak snapshot -o kleak-now.tar.gz',
        why: 'as root, twice, an hour apart: which cache grows can be told without kmemleak',
        risk: 'none',
      },
    ],
    terms: ['kmemleak'],
  };
}

function suspected(first: KmemleakEvent, all: readonly KmemleakEvent[]): Finding {
  const sum = all.reduce((n, e) => n + (e.count ?? 0), 0);
  return {
    id: 'kmemleak-state',
    title: `kmemleak has ${spellThings(sum, 'suspected leak')}; its report was not given`,
    summary: `kmemleak reported ${spellThings(sum, 'suspected leak')} in the log; its report, which names the functions, was not among the inputs.`,
    verdict: sum >= 10 ? 'growth' : 'inconclusive',
    layer: 'slab-unreclaimable',
    confidence: sum >= 10 ? 0.65 : 0.5,
    objects: sum,
    evidence: [{ text: first.text, source: first.at }, ...all.slice(1, 3).map((e) => ({ text: e.text, source: e.at }))],
    next: [{ command: 'cat /sys/kernel/debug/kmemleak', why: 'the report with the stacks', risk: 'none' }],
    terms: ['kmemleak'],
  };
}
