import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import type { PoolRow, PoolRows } from './pool-row.ts';
import { readSize } from './size.ts';

const FIRST =
  /^\s*(?:ARC (?:size \(current\)|Size|status|Summary|Misc|Total)|SPL Memory Usage|SPL slab (?:allocated|used)|ZFS Subsystem Report)\b/i;
const BELONGS =
  /^\s*(?:ARC|SPL|ZFS|L2ARC|L2 ARC|Target|Min |Max |Most |Recently|Frequently|Used |Anonymous|Metadata|Dnode|Data |Demand|Prefetch|Predictive|Hash|Hits|Misses|Cache|Evict|Mutex|Memory Throttle|Throttle|Deleted|Recycle|Elements|Collisions|Chain|Total memory|Eviction|Header|Actual|Real|Skipped|Health|-{10,})/i;
/** A label, then perhaps a percentage or a ratio, then a size: `93.20%  14.91 GiB`, `90,346 MB`. */
const LINE =
  /^\s*([A-Z][A-Za-z ()]{2,50}):\s+(?:[\d.]{1,8}\s?%\s+|\d+:\d+\s+)?([\d.,]{1,24})\s?(Bytes|B|[KMGT]i?B)\s*$/;
const LABELS: Readonly<Record<string, 'arc' | 'limit' | 'spl' | 'used'>> = {
  'arc size (current)': 'arc',
  'arc size': 'arc',
  'max size (high water)': 'limit',
  'spl slab allocated': 'spl',
  'spl slab used': 'used',
};

/** `arc_summary` of OpenZFS, both generations, and the totals that people take of /proc/spl/kmem/slab. */
export const arcSummary: TextFormat<'arc-summary', PoolRows> = {
  kind: 'arc-summary',
  looksFor: 'arc_summary: "ARC size (current):  98.9 %  7.7 GiB", "SPL slab allocated:  90,346 MB"',
  many: false,

  claim(lines, at) {
    return FIRST.test(lines[at]?.text ?? '') ? runOf(lines, at, (text) => BELONGS.test(text), 3) : 0;
  },

  parse(lines, file): Parsed<PoolRows> {
    const found = new Map<string, { bytes: Bytes; at: Provenance }>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const [, label = '', digits = '', unit = ''] = text.length < 300 ? (LINE.exec(text) ?? []) : [];
      const what = LABELS[label.toLowerCase().trim()];
      const at = { kind: 'line', file, line: number } as const;
      if (what === undefined) continue;
      // Thousands: a comma before three digits. Fractions have a point.
      const bytes = readSize(digits.replaceAll(/,(?=\d{3})/g, '') + unit.replace('Bytes', 'B'));
      if (bytes === undefined) problems.push({ problem: 'arc_summary: unreadable size', at });
      else if (!found.has(what)) found.set(what, { bytes, at });
    }
    const pools: PoolRow[] = [];
    const [arc, limit, spl, used] = [found.get('arc'), found.get('limit'), found.get('spl'), found.get('used')];
    if (arc)
      pools.push({ id: 'zfs-arc', name: 'ZFS ARC', owner: 'zfs', ...arc, ...(limit ? { limit: limit.bytes } : {}) });
    if (spl)
      pools.push({ id: 'spl-slab', name: 'SPL slab', owner: 'spl', ...spl, ...(used ? { used: used.bytes } : {}) });
    return { value: { pools }, problems };
  },
};
