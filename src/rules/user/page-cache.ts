import { spellBytes, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { AccountedMemory } from '../../model/facts.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Memory looks full and is page cache, which the kernel gives back as soon as anybody asks. */
export const pageCache: Rule<'accounting' | 'snapshot'> = defineRule({
  id: 'page-cache-large',
  title: 'memory is full of page cache',
  needs: ['accounting', 'snapshot'],
  examine({ accounting, snapshot }): readonly Finding[] {
    const cache = accounting.buckets.find((b) => b.name === 'page-cache');
    const free = accounting.buckets.find((b) => b.name === 'free')?.bytes ?? 0;
    const ram = accounting.total.bytes;
    if (!cache || cache.bytes < ram * 0.3 || free > ram * 0.3) return [];
    const available = snapshot.counters.get('MemAvailable');
    if (available && available.bytes < cache.bytes * 0.3) return [];
    const [at] = cache.at;
    const share = spellShare(cache.bytes / ram);
    const open = leavesOpen(accounting);
    const killed = snapshot.events.some((e) => e.kind === 'out-of-memory');
    return [
      {
        id: 'page-cache-large',
        title: `${spellBytes(cache.bytes)} (${share} of RAM) are page cache`,
        summary: killed
          ? `Not lost: at the time of the kill ${spellBytes(cache.bytes)} (${share} of RAM) were page cache, pages of files; dirty or locked ones could not be given back in time.`
          : `Not lost: ${spellBytes(cache.bytes)} (${share} of RAM) are page cache, copies of files that the kernel gives back when memory is asked for.${open ? ' Where much of the rest is was not seen, or no counter explains it.' : ''}`,
        verdict: open ? 'inconclusive' : 'not-a-leak',
        layer: 'page-cache',
        confidence: open ? 0.4 : available ? 0.9 : 0.75,
        bytes: cache.bytes,
        evidence: [
          {
            text: `page cache without shared memory: ${spellBytes(cache.bytes)} (${cache.from.join(', ')})`,
            source: at ?? accounting.total.at,
          },
          ...(available
            ? [
                {
                  text: `MemAvailable: ${spellBytes(available.bytes)} can be had without swapping`,
                  source: available.at,
                },
              ]
            : []),
        ],
        next: [
          {
            command: 'grep -E "MemAvailable|Dirty|Writeback" /proc/meminfo',
            why: 'what can be had at once, and what waits for disks',
            risk: 'none',
          },
        ],
        terms: ['page cache', 'drop_caches'],
      },
    ];
  },
});

/** What is beside the page cache is not explained by it. */
function leavesOpen({ unexplained, low = unexplained, buckets, total }: AccountedMemory): boolean {
  if (low !== undefined) return low > total.bytes * 0.08;
  return sumBytes(buckets.map((b) => b.bytes)) < total.bytes * 0.6;
}
