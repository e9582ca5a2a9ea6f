import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';

/** Numbers of one line or one block by the kernel's names, each with its line. */
export type Fields = ReadonlyMap<string, { readonly n: number; readonly at: Provenance }>;

/**
 * `name:123` and `name:123kB`. Names are lower case but for Linux 2.6's `Active`; so a name is also found where two
 * pieces of a folded line were joined without the blank between them (`…:12kBshmem:4kB`).
 */
const TOKEN = /(Active|[a-z_-]{1,32}(?:\((?:anon|file)\))?):\s?(\d{1,16})(kB|KB)?(?![\dkK])/g;
/** The block that counts pages; each of its lines begins with one of these. */
const PAGES_LINE =
  /^\s*(?:active_anon|inactive_anon|isolated_anon|active_file|inactive_file|isolated_file|unevictable|dirty|writeback|slab_reclaimable|slab_unreclaimable|mapped|shmem|pagetables|sec_pagetables|bounce|kernel_misc_reclaimable|free|free_pcp|free_cma|Active):\d+(?:\s|$)/;
const NODE_LINE = /^\s*Node (\d+) active_anon:\d+kB/;
const ZONE_LINE = /^\s*(?:Node (\d+) )?(DMA|DMA32|Normal|HighMem|Movable|Device) free:\d+kB\s/;
const RESERVE = /^\s*(?:lowmem_reserve|protections?)\[\]:([ \d]*)$/;
const FREE_LIST = /^\s*(?:Node \d+ )?(?:DMA|DMA32|Normal|HighMem|Movable): (\d+)\*(\d+)kB\s/;
const HUGE =
  /^\s*Node \d+ hugepages_total=(\d{1,12}) hugepages_free=(\d{1,12}) hugepages_surp=\d+ hugepages_size=(\d{1,12})kB/;
const TOTAL =
  /^\s*(\d{1,16}) (total pagecache pages|pages in swap cache|pages swap cached|pages of RAM|pages RAM|pages reserved|reserved pages)\s*$/;
const SWAP = /^\s*(Free|Total) swap\s*[=:]\s*(\d{1,16})kB/;

/** What one line of show_mem()'s report says. */
export type MemInfoLine =
  | { readonly part: 'head' }
  | { readonly part: 'pages'; readonly fields: Fields }
  /** `first`: no node's, or no zone's, comes before it. */
  | { readonly part: 'node'; readonly fields: Fields; readonly first: boolean }
  | { readonly part: 'zone'; readonly fields: Fields; readonly first: boolean; readonly numa: boolean }
  /** `last`: no populated zone of the node comes after the zone above it. */
  | { readonly part: 'reserve'; readonly last: boolean }
  | { readonly part: 'free-list'; readonly pageKb: number }
  | { readonly part: 'huge'; readonly total: number; readonly free: number; readonly sizeKb: number }
  | { readonly part: 'total'; readonly what: 'FilePages' | 'SwapCached' | 'ram' | 'reserved'; readonly n: number }
  | { readonly part: 'swap'; readonly what: 'SwapTotal' | 'SwapFree'; readonly kb: number };

/**
 * Reads one line of the report, or gives undefined where it is none of it.
 *
 * Written by mm/show_mem.c show_free_areas() and __show_mem() (before 6.4 mm/page_alloc.c and lib/show_mem.c),
 * Linux 2.6 to 6.18.
 */
export function readMemInfoLine(text: string, at: Provenance): MemInfoLine | undefined {
  if (/^\s*Mem-[Ii]nfo:/.test(text)) return { part: 'head' };
  if (PAGES_LINE.test(text)) return { part: 'pages', fields: readFields(text, at, false) };
  const node = NODE_LINE.exec(text);
  if (node) return { part: 'node', fields: readFields(text, at, true), first: node[1] === '0' };
  const zone = ZONE_LINE.exec(text);
  if (zone) {
    const [, number, name] = zone;
    return {
      part: 'zone',
      fields: readFields(text, at, true),
      first: name === 'DMA' && (number ?? '0') === '0',
      numa: number !== undefined,
    };
  }
  return readTailLine(text);
}

function readTailLine(text: string): MemInfoLine | undefined {
  const reserve = RESERVE.exec(text)?.[1];
  if (reserve !== undefined) return { part: 'reserve', last: /\d/.test(reserve) && !/[1-9]/.test(reserve) };
  const list = FREE_LIST.exec(text);
  if (list) return { part: 'free-list', pageKb: Number(list[2]) };
  const huge = HUGE.exec(text);
  if (huge) return { part: 'huge', total: Number(huge[1]), free: Number(huge[2]), sizeKb: Number(huge[3]) };
  const swap = SWAP.exec(text);
  if (swap) return { part: 'swap', what: swap[1] === 'Free' ? 'SwapFree' : 'SwapTotal', kb: Number(swap[2]) };
  const [, n, words = ''] = TOTAL.exec(text) ?? [];
  if (n === undefined) return undefined;
  const what = words.includes('pagecache')
    ? 'FilePages'
    : words.includes('swap')
      ? 'SwapCached'
      : words.includes('reserved')
        ? 'reserved'
        : 'ram';
  return { part: 'total', what, n: Number(n) };
}

/** The amounts of a line: those in kB, or those without a unit, which are pages. */
function readFields(text: string, at: Provenance, kb: boolean): Fields {
  const fields = new Map<string, { n: number; at: Provenance }>();
  for (const [, name = '', digits, unit] of text.matchAll(TOKEN)) {
    const n = Number(digits);
    if ((unit !== undefined) === kb && isQuantity(n * 1024 * 64) && !fields.has(name)) fields.set(name, { n, at });
  }
  return fields;
}
