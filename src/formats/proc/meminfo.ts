import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { type TextFormat } from '../text/text-format.ts';

/** One line of meminfo. `HugePages_*` lines have a count and no unit. */
export type MeminfoField =
  | { readonly kind: 'amount'; readonly bytes: Bytes; readonly at: Provenance }
  | { readonly kind: 'count'; readonly count: number; readonly at: Provenance };

/** Fields by the kernel's own names, e.g. `SReclaimable`, `Active(anon)`. Which ones there are depends on the release. */
export type Meminfo = ReadonlyMap<string, MeminfoField>;

const ROW = /^\s*([A-Z][A-Za-z]+(?:_[A-Za-z]+)?(?:\((?:anon|file)\))?|DirectMap\d+[kMG])\s*:\s*(\d+)(?:\s+(kB))?\s*$/;
/** A page or a table program set marks between thousands: `1,234,567 kB`, `1.234.567 kB`, `1 234 567 kB`. */
const MARKED = /(:\s*\d{1,3})((?:[.,'’\u2009\u202f ]\d{3})+)(?=\s+kB\s*$)/;
/** Names that begin a block. Others, known or not, are taken while the block lasts. */
const KNOWN =
  /^\s*(?:MemTotal|MemFree|MemAvailable|MemShared|Buffers|Cached|SwapCached|Active|Inactive|Unevictable|Mlocked|HighTotal|LowTotal|SwapTotal|SwapFree|Zswap|Dirty|Writeback|AnonPages|Mapped|Shmem|KReclaimable|Slab|SReclaimable|SUnreclaim|KernelStack|PageTables|SecPageTables|NFS_Unstable|Bounce|CommitLimit|Committed_AS|Vmalloc\w+|Percpu|HardwareCorrupted|CmaTotal|HugePages_\w+|Hugepagesize|Hugetlb|DirectMap\w+)(?:\(\w+\))?\s*:\s*\d/;
/** Sizes of address space, not memory, and beyond exact numbers on some kernels: passed over where they are. */
const ADDRESS_SPACE = /^\s*Vmalloc(?:Total|Chunk)\s*:/;
/** Kernel 2.4 wrote a table before the fields; its fields say the same. */
const TABLE_2_4 = /^\s*total:\s+used:\s+free:/;

/**
 * `/proc/meminfo` of any release, whole or a few lines of it.
 *
 * Written by fs/proc/meminfo.c, meminfo_proc_show(); amounts are in KiB although it writes `kB`.
 */
export const meminfo: TextFormat<'meminfo', Meminfo> = {
  kind: 'meminfo',
  looksFor: 'lines such as "MemTotal:  131748024 kB" or "SUnreclaim:  478820 kB"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (TABLE_2_4.test(first)) return 1 + claimRows(lines, at + 1, 3);
    return KNOWN.test(first) && matchRow(first) ? claimRows(lines, at, 2) : 0;
  },

  parse(lines, file): Parsed<Meminfo> {
    const fields = new Map<string, MeminfoField>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const row = readRow(text, at);
      if (row) fields.set(row.name, row.field);
      else if (/^\s*[A-Za-z_()]+\s*:/.test(text) && !ADDRESS_SPACE.test(text))
        problems.push({ problem: 'meminfo: unreadable line', at });
    }
    return { value: fields, problems };
  },
};

/** Rows up to the first name that comes again: that is the next meminfo. Bridges `gap` foreign lines. */
function claimRows(lines: readonly TextLine[], at: number, gap: number): number {
  const seen = new Set<string>();
  let end = at;
  for (let i = at; i < lines.length && i - end <= gap; i++) {
    const name = matchRow(lines[i]?.text ?? '')?.[1];
    if (name === undefined) continue;
    if (seen.has(name)) break;
    seen.add(name);
    end = i + 1;
  }
  return end - at;
}

const matchRow = (text: string): RegExpExecArray | null =>
  ROW.exec(text) ??
  ROW.exec(text.replace(MARKED, (_, head: string, rest: string) => head + rest.replaceAll(/\D/g, '')));

function readRow(text: string, at: Provenance): { name: string; field: MeminfoField } | undefined {
  const [, name, digits, unit] = matchRow(text) ?? [];
  const n = Number(digits);
  if (name === undefined || !isQuantity(n) || !isQuantity(n * 1024)) return undefined;
  if (unit === undefined && name.startsWith('HugePages_')) return { name, field: { kind: 'count', count: n, at } };
  return { name, field: { kind: 'amount', bytes: unit === undefined ? bytes(n * 1024) : kibibytes(n), at } };
}
