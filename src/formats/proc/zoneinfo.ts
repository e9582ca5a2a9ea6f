import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, pages, type Pages } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';

/** One zone. What the file does not say of it, or says unreadably, is absent. */
export interface Zone {
  readonly node: number;
  readonly name: string;
  readonly free?: Pages;
  readonly present?: Pages;
  /** Pages given to the page allocator; their sum is MemTotal. Since 3.8. */
  readonly managed?: Pages;
  /** Free pages on the lists of all CPUs together; in no field of meminfo and not in `free`. */
  readonly perCpu?: Pages;
  /** CPUs whose lists are in `perCpu`. */
  readonly cpus: number;
  readonly at: Provenance;
}

const HEADER = /^\s*Node\s+(\d+), zone\s+(\w+)\s*$/;
const BELONGS =
  /^\s*(?:per-node stats|pages free|pagesets|(?:nr|numa|workingset|pg)_?\w*\s+\d|(?:boost|min|low|high|promo|spanned|present|managed|cma|scanned)\s+\d|(?:protection|cpu|count|high|batch|high_min|high_max|vm stats threshold|node_unreclaimable|all_unreclaimable|start_pfn|reserved_highatomic|free_highatomic|prev_priority|temp_priority|inactive_ratio):)/;
const AMOUNT = /^\s*(pages free|present|managed)\s+(\d+)\s*$/;
const COUNT = /^\s*(?:cpu: \d+ pcp: \d+\s+)?count:\s*(\d+)\s*$/;
const TORN = /^\s*(?:pages free|present|managed|count:)/;

/**
 * `/proc/zoneinfo`: the zones of the page allocator, with the free pages parked on per-CPU lists.
 *
 * Written by mm/vmstat.c, zoneinfo_show_print(), since 2.6. Amounts are pages; the file does not tell their size.
 */
export const zoneinfo: TextFormat<'zoneinfo', readonly Zone[]> = {
  kind: 'zoneinfo',
  looksFor: 'a line "Node 0, zone   Normal" with lines such as "pages free 39516" and "count: 12" below it',
  many: false,

  claim(lines, at) {
    if (!HEADER.test(lines[at]?.text ?? '')) return 0;
    const seen = new Set<string>();
    let end = at;
    for (let i = at; i < lines.length && i - end <= 3; i++) {
      const text = lines[i]?.text ?? '';
      const [, node, zone] = HEADER.exec(text) ?? [];
      if (node !== undefined && seen.has(`${node} ${zone}`)) break;
      if (node !== undefined) seen.add(`${node} ${zone}`);
      if (node !== undefined || BELONGS.test(text)) end = i + 1;
    }
    return end - at > 1 ? end - at : 0;
  },

  parse(lines, file): Parsed<readonly Zone[]> {
    const zones: Zone[] = [];
    const problems: Problem[] = [];
    for (const line of lines) {
      const at = { kind: 'line', file, line: line.number } as const;
      const [, node, name = ''] = HEADER.exec(line.text) ?? [];
      const last = zones.at(-1);
      if (node !== undefined) zones.push({ node: Number(node), name, cpus: 0, at });
      else if (last && TORN.test(line.text)) {
        const read = readLine(last, line);
        if (read) zones[zones.length - 1] = read;
        else problems.push({ problem: 'zoneinfo: unreadable line', at });
      }
    }
    return { value: zones, problems };
  },
};

/** The zone with what one more line says of it. */
function readLine(zone: Zone, { text }: TextLine): Zone | undefined {
  const [, what, amount] = AMOUNT.exec(text) ?? [];
  const parked = COUNT.exec(text)?.[1];
  const n = Number(amount ?? parked);
  if (!isQuantity(n) || !isQuantity(n + (zone.perCpu ?? 0))) return undefined;
  if (parked !== undefined) return { ...zone, perCpu: pages(n + (zone.perCpu ?? 0)), cpus: zone.cpus + 1 };
  if (what === 'pages free') return { ...zone, free: pages(n) };
  return what === 'present' ? { ...zone, present: pages(n) } : { ...zone, managed: pages(n) };
}
