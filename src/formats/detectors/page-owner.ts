import type { Parsed, Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationGroup, AllocationReport } from './allocation-report.ts';
import { pageAreaOf } from './area.ts';
import { StackFold, type StackEntry } from './stack-fold.ts';
import { isStackLine } from './stack-line.ts';

/** Process and name since 5.17, `free_ts` in 6.1 and gone by 6.12; until 4.17 `migratetype …, gfp_mask …`. */
const HEAD =
  /^\s*Page allocated via order (\d{1,2}), (?:migratetype \w+, gfp_)?mask (0x[0-9a-f]+)?(?:\(([^)]{0,300})\))?(.{0,300})$/;
const BEGINS = /^\s*Page allocated via order \d/;
const TGID = /, tgid \d+ \((.{0,64})\), ts \d/;
const PFN = /^\s*PFN (0x[0-9a-f]+|\d+)\s(?:type (\w+) )?/;
/** tools/mm/page_owner_sort sums up before each: `12 times:` (until 4.x), `12 times, 12 pages:`, `…, PID 1, task_comm_name: init:`. */
const TIMES = /^\s*(\d{1,12}) times?(?:, (\d{1,12}) pages?\b.{0,200}|:)\s*$/;
const NOTE = /^\s*(?:Slab cache page|Page has been migrated, |Charged (?:to|via)|$)/;
const LONGEST_CLAIM = 100_000;
/** Kernels print no page size; 4 KiB on x86, and by far most common elsewhere. */
const PAGE = 4096;
const LARGEST_ORDER = 20;
/** __GFP_MOVABLE, the same bit in every kernel since 2.6.23. */
const MOVABLE = 0x08;
const BLANKS = 3;

/**
 * `/sys/kernel/debug/page_owner`: every block of pages in use with the stack that allocated it; also as
 * tools/mm/page_owner_sort sums it up. Blocks are grouped by stack, order and what they are used for.
 *
 * Written by mm/page_owner.c, print_page_owner(), since 3.19, with page_owner=on on the kernel's command line.
 */
export const pageOwner: TextFormat<'page_owner', AllocationReport> = {
  kind: 'page_owner',
  looksFor: 'entries that begin with "Page allocated via order 0, mask 0x…(GFP_KERNEL), pid 1, …"',
  many: true,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    if (BEGINS.test(text)) return claimEntries(lines, at);
    return TIMES.test(text) && BEGINS.test(lines[at + 1]?.text ?? '') ? claimEntries(lines, at) : 0;
  },

  parse(lines, file): Parsed<AllocationReport> {
    const fold = new StackFold();
    const problems: Problem[] = [];
    let entry: Entry | undefined;
    let times = 1;
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      if (BEGINS.test(text)) {
        if (entry) fold.add(close(entry));
        entry = begin(text, times, at);
        times = 1;
        if (!entry) problems.push({ problem: 'page_owner: unreadable entry', at });
      } else if (TIMES.test(text)) times = Number(TIMES.exec(text)?.[1]);
      else if (entry && !fill(entry, text)) problems.push({ problem: 'page_owner: unreadable line', at });
    }
    const cut = entry === undefined || [fold.addLast(close(entry)), isTorn(entry)].includes(true);
    if (fold.entries === 0) throw new FormatError('page_owner', 'no entry can be read', startOf(lines, file));
    return { value: { detector: 'page_owner', groups: fold.groups(), entries: fold.entries, cut }, problems };
  },
};

const startOf = (lines: readonly TextLine[], file: string): Provenance => ({
  kind: 'line',
  file,
  line: lines[0]?.number ?? 1,
});

interface Entry {
  readonly order: number;
  readonly mask: string;
  readonly process: string | undefined;
  readonly count: number;
  readonly at: Provenance;
  readonly stack: string[];
  pfn: string | undefined;
  type: string | undefined;
  slab: boolean;
  torn: boolean;
}

const isTorn = (entry: Entry): boolean => entry.torn || entry.stack.length === 0;

function begin(text: string, count: number, at: Provenance): Entry | undefined {
  const [, digits, bits = '', names, rest = ''] = HEAD.exec(text) ?? [];
  const mask = names ?? (bits === '' ? '' : (Number(bits) & MOVABLE) === 0 ? 'unmovable' : '__GFP_MOVABLE');
  const order = Number(digits);
  if (digits === undefined || order > LARGEST_ORDER) return undefined;
  const process = TGID.exec(rest)?.[1];
  return { order, mask, process, count, at, stack: [], pfn: undefined, type: undefined, slab: false, torn: false };
}

/** False where the line is none of an entry's. */
function fill(entry: Entry, text: string): boolean {
  const line = text.trim();
  const pfn = PFN.exec(text);
  if (isStackLine(line)) entry.stack.push(line);
  else if (pfn) [entry.pfn, entry.type] = [pfn[1], pfn[2]];
  else if (line.startsWith('Slab cache page')) entry.slab = true;
  else if (!NOTE.test(line)) {
    entry.torn = true;
    return false;
  }
  entry.torn = false;
  return true;
}

function close(entry: Entry): StackEntry {
  const size = 2 ** entry.order * PAGE;
  const area = entry.slab ? 'slab' : pageAreaOf(entry.stack);
  const movable = movableOf(entry);
  return {
    lines: entry.stack,
    apart: `${entry.order} ${area} ${movable}`,
    count: entry.count,
    bytes: size * entry.count,
    objectSize: size,
    ...(entry.process === undefined ? {} : { process: entry.process }),
    ...(entry.pfn === undefined ? {} : { sample: entry.pfn }),
    at: entry.at,
    first: (): Pick<AllocationGroup, 'area' | 'movable'> => ({ area, ...(movable === undefined ? {} : { movable }) }),
  };
}

/** The mask says what was asked for; where it has no names, the type of the page's block at that time does. */
function movableOf({ mask, type }: Entry): boolean | undefined {
  if (/GFP_HIGHUSER_MOVABLE|GFP_TRANSHUGE|__GFP_MOVABLE/.test(mask)) return true;
  if (mask !== '') return false;
  return type === undefined || /^\d+$/.test(type) ? undefined : type === 'Movable';
}

function claimEntries(lines: readonly TextLine[], at: number): number {
  let end = at;
  for (let i = at; i < lines.length && i - end <= BLANKS; i++) {
    const text = lines[i]?.text ?? '';
    if (BEGINS.test(text) && i - at >= LONGEST_CLAIM) break;
    if (text.trim() === '' || TIMES.test(text)) continue;
    if (BEGINS.test(text) || PFN.test(text) || NOTE.test(text) || isStackLine(text.trim())) end = i + 1;
    else if (i - end >= 1 || !/^\s*(?:Page |PFN|\S+\+0|Slab|Charged)/.test(text)) break;
  }
  return end - at;
}
