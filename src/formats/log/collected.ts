import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { Fields, MemInfoLine } from './mem-info-lines.ts';

export type Numbered = { readonly n: number; readonly at: Provenance };

/** What was collected of one show_mem() report, line by line. */
export interface Collected {
  readonly pages: Map<string, Numbered>;
  readonly nodes: Fields[];
  readonly zones: Fields[];
  readonly totals: Map<string, Numbered>;
  readonly swap: Map<string, Numbered>;
  readonly huge: Map<number, { total: number; free: number; at: Provenance }>;
  /** Size of an order-0 page in KiB, as the free lists show it. */
  pageKb: number | undefined;
  /** True where zones say which node they are of: there may be more of them. */
  numa: boolean;
  /** True once a line was seen that comes before all nodes, or the first of them. */
  begun: boolean;
  /** The same of zones, which come after all nodes. */
  zonesBegun: boolean;
  /** True once a line was seen that comes after all zones. */
  ended: boolean;
}

export const nothingCollected = (): Collected => ({
  pages: new Map(),
  nodes: [],
  zones: [],
  totals: new Map(),
  swap: new Map(),
  huge: new Map(),
  pageKb: undefined,
  numa: false,
  begun: false,
  zonesBegun: false,
  ended: false,
});

/** Adds one line to what was collected. */
export function collect(got: Collected, read: MemInfoLine, at: Provenance): void {
  switch (read.part) {
    case 'head':
      got.begun = true;
      return;
    case 'pages':
      got.begun = true;
      for (const [name, field] of read.fields) if (!got.pages.has(name)) got.pages.set(name, field);
      return;
    case 'node':
      got.begun ||= read.first;
      got.nodes.push(read.fields);
      return;
    case 'zone':
      collectZone(got, read);
      return;
    case 'swap':
      got.swap.set(read.what, { n: read.kb, at });
      return;
    case 'reserve':
    case 'free-list':
    case 'huge':
    case 'total':
      collectAfterZones(got, read, at);
  }
}

function collectZone(got: Collected, read: Extract<MemInfoLine, { part: 'zone' }>): void {
  got.zonesBegun ||= read.first || got.begun || got.nodes.length > 0;
  got.zones.push(read.fields);
  got.numa ||= read.numa;
  got.ended = false;
}

function collectAfterZones(
  got: Collected,
  read: Extract<MemInfoLine, { part: 'reserve' | 'free-list' | 'huge' | 'total' }>,
  at: Provenance,
): void {
  // Of one node alone, nothing can come after its last populated zone; of several, the reserve says nothing.
  got.ended ||= read.part !== 'reserve' || (read.last && got.zones.length > 0 && (!got.numa || got.nodes.length === 1));
  if (read.part === 'huge') addHuge(got, read, at);
  if (read.part === 'total') got.totals.set(read.what, { n: read.n, at });
  if (read.part === 'free-list' && [4, 8, 16, 32, 64].includes(read.pageKb)) {
    got.pageKb = Math.min(read.pageKb, got.pageKb ?? read.pageKb);
  }
}

function addHuge(got: Collected, read: Extract<MemInfoLine, { part: 'huge' }>, at: Provenance): void {
  const size = read.sizeKb * 1024;
  const before = got.huge.get(size);
  const total = read.total + (before?.total ?? 0);
  if (!isQuantity(total * size)) return;
  got.huge.set(size, { total, free: read.free + (before?.free ?? 0), at: before?.at ?? at });
}
