import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { CacheRow } from './cache-row.ts';
import { blockOf, crashCommand, leadingCommand } from './commands.ts';
import { CACHE_HEADER, isCacheRow, readCacheRow } from './crash-cache-row.ts';

/** The objects of a cache that crash lists, full slabs of SLUB excepted: those it cannot see. */
export interface CrashKmemSlabs {
  readonly rows: readonly CacheRow[];
  /** Objects in use, the first 10,000 of them. Addresses are 16 hex digits. */
  readonly objects: readonly { readonly cache: string; readonly address: string; readonly at: Provenance }[];
  /** Listed in all, kept or not. */
  readonly allocated: number;
  /** Listed as free, in a slab or in a CPU's cache. */
  readonly free: number;
}

const MOST_OBJECTS = 10_000;
const SLAB = /^\s*SLAB\s+MEMORY\s+(?:NODE\s+)?TOTAL\s+ALLOCATED\s+FREE\s*$/;
const SLAB_ROW = /^\s*[0-9a-f]{8,16}\s+[0-9a-f]{8,16}(?:\s+-?\d+){3,4}\s*$/;
const OBJECTS = /^\s*FREE \/ \[ALLOCATED\]\s*$/;
const OBJECT = /^\s*(\[)?([0-9a-f]{8,16})\]?(?:\s+\((?:cpu \d+ cache|shared cache)\))?\s*$/;
const SLUB =
  /^\s*(?:CPU \d+ (?:KMEM_CACHE_CPU|SLAB|PARTIAL):|NODE \d+ (?:PARTIAL|FULL|SLABS?):?|KMEM_CACHE_NODE\s|\((?:empty|not tracked)\)|[0-9a-f]{8,16}\s+\d+(?:\s+\d+){2,3}\s*$|kmem: )/;

/** `kmem -S CACHE` of crash, pasted. Written by crash memory.c, do_slab_chain_percpu_v2() and do_slab_slub(). */
export const crashKmemSlabs: TextFormat<'crash-kmem-slabs', CrashKmemSlabs> = {
  kind: 'crash-kmem-slabs',
  looksFor:
    'crash\'s list of objects: "SLAB  MEMORY  TOTAL  ALLOCATED  FREE", "FREE / [ALLOCATED]", "[ffff80003a5b0000]"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const asked = /^kmem\s+-S/.test(crashCommand(first) ?? '');
    const table = CACHE_HEADER.test(first) && isSection(lines[at + 2]?.text ?? '');
    if (!asked && !table && !SLAB.test(first) && !OBJECTS.test(first)) return 0;
    return blockOf(
      lines,
      at,
      (text) => crashCommand(text) !== undefined || belongs(text),
      (text) => crashCommand(text) !== undefined,
      2,
    );
  },

  parse(lines, file): Parsed<CrashKmemSlabs> {
    const rows: CacheRow[] = [];
    const objects: { cache: string; address: string; at: Provenance }[] = [];
    const problems: Problem[] = [];
    let cache = /^kmem\s+-S\s+([A-Za-z][\w.:()-]*)/.exec(leadingCommand(lines))?.[1] ?? '';
    let [allocated, free, listing] = [0, 0, false];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const row = readCacheRow(text, at);
      if (row) rows.push(row);
      cache = row?.name ?? cache;
      if (/^\s*kmem: /.test(text)) problems.push({ problem: text.trim().slice(0, 200), at });
      const object = listing ? readObject(text) : undefined;
      if (object) {
        if (object.used) allocated++;
        else free++;
        if (object.used && objects.length < MOST_OBJECTS) objects.push({ cache, address: object.address, at });
      } else if (text.trim() !== '') listing = OBJECTS.test(text);
    }
    return { value: { rows, objects: objects.filter((o) => o.cache !== ''), allocated, free }, problems };
  },
};

function readObject(text: string): { readonly address: string; readonly used: boolean } | undefined {
  const [, bracket, address] = OBJECT.exec(text) ?? [];
  return address === undefined ? undefined : { address: address.padStart(16, '0'), used: bracket !== undefined };
}

const isSection = (text: string): boolean => SLAB.test(text) || SLUB.test(text);
const belongs = (text: string): boolean =>
  text.length < 500 &&
  (OBJECT.test(text) ||
    OBJECTS.test(text) ||
    SLAB_ROW.test(text) ||
    isSection(text) ||
    CACHE_HEADER.test(text) ||
    isCacheRow(text));
