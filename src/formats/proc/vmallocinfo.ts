import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, pages, type Bytes, type Pages } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One area of the kernel's vmalloc space. */
export interface VmallocArea {
  /** Address space it takes, its guard page included. */
  readonly size: Bytes;
  /** The function that asked for it, without offset; '' where the kernel has no name for it. */
  readonly caller: string;
  readonly module?: string;
  /** Pages that the area owns. Absent for mappings of memory that belongs to others (ioremap, most vmap). */
  readonly pages?: Pages;
  /** `vmalloc`, `vmap`, `ioremap`, `user`, `vpages`, `dma-coherent`, `vm_map_ram`, `unpurged`, … as printed. */
  readonly flags: readonly string[];
  /** Pages by NUMA node, where the kernel was built for it. */
  readonly nodes: ReadonlyMap<number, Pages>;
  readonly at: Provenance;
}

/** Addresses are raw, hashed, or hidden: `0x(____ptrval____)`, `0x(ptrval)`. */
const ROW = /^\s*0x([0-9a-f]{1,16}|\(\w+\))-0x([0-9a-f]{1,16}|\(\w+\))\s+(\d+)(\s.*)?$/;
const BEGINS = /^\s*0x(?:[0-9a-f]{1,16}|\(\w+\))-0x(?:[0-9a-f]{1,16}|\(\w+\))\s+\d+\s/;
const FLAG = /^(?:vmalloc|vmap|ioremap|user|vpages|dma-coherent|sparse|vm_map_ram|unpurged|vm_area)$/;
const SYMBOL = /^([A-Za-z_.$][\w.$:~]*)\+0x[0-9a-f]+\/0x[0-9a-f]+$/;
/** `[cas_cache]`, or with a build id behind the name. */
const MODULE = /^\[([\w-]+)\]?$/;

/**
 * `/proc/vmallocinfo`: every area with its caller, whole or some rows of it.
 *
 * Written by mm/vmalloc.c, vmalloc_info_show() (before 6.9 s_show()), since 2.6.26; readable by root only.
 */
export const vmallocinfo: TextFormat<'vmallocinfo', readonly VmallocArea[]> = {
  kind: 'vmallocinfo',
  looksFor: 'rows such as "0xffffa…-0xffffa…   8192 some_function+0x23/0xe0 [module] pages=1 vmalloc N0=1"',
  many: false,

  claim(lines, at) {
    return BEGINS.test(lines[at]?.text ?? '') ? runOf(lines, at, (text) => BEGINS.test(text), 2) : 0;
  },

  parse(lines, file): Parsed<readonly VmallocArea[]> {
    const areas: VmallocArea[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const area = text.trim() === '' ? undefined : readArea(text, at);
      if (area) areas.push(area);
      else if (text.trim() !== '') problems.push({ problem: 'vmallocinfo: unreadable row', at });
    }
    return { value: areas, problems };
  },
};

function readArea(text: string, at: Provenance): VmallocArea | undefined {
  const [, , , size, rest = ''] = ROW.exec(text) ?? [];
  const words = rest.trim().split(/\s+/);
  const amounts = readAmounts(words);
  if (size === undefined || !isQuantity(Number(size)) || !amounts) return undefined;
  const caller = SYMBOL.exec(words[0] ?? '')?.[1] ?? '';
  const module = caller === '' ? undefined : MODULE.exec(words[1] ?? '')?.[1];
  return {
    size: bytes(Number(size)),
    caller,
    ...(module === undefined ? {} : { module }),
    ...amounts,
    flags: words.filter((word) => FLAG.test(word)),
    at,
  };
}

/** `pages=4` and `N0=4`. Undefined where one is torn, so that the area does not count as one without pages. */
function readAmounts(words: readonly string[]): Pick<VmallocArea, 'pages' | 'nodes'> | undefined {
  const nodes = new Map<number, Pages>();
  let owned: Pages | undefined;
  for (const word of words) {
    if (!/^(?:p|pa|pag|page|pages|pages=.*|N\d{1,4}=.*)$/.test(word)) continue;
    const [, name = '', digits] = /^(pages|N\d{1,4})=(\d+)$/.exec(word) ?? [];
    if (digits === undefined || !isQuantity(Number(digits))) return undefined;
    if (name === 'pages') owned = pages(Number(digits));
    else nodes.set(Number(name.slice(1)), pages(Number(digits)));
  }
  return { ...(owned === undefined ? {} : { pages: owned }), nodes };
}
