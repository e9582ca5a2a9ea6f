import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';

/** One value of one pool of huge pages. */
export interface HugepageValue {
  /** Size of the pool's pages. */
  readonly size: Bytes;
  /** The NUMA node, where the listing is of /sys/devices/system/node. */
  readonly node?: number;
  /** `nr_hugepages`, `free_hugepages`, `resv_hugepages`, `surplus_hugepages` … */
  readonly name: string;
  readonly count: number;
  readonly at: Provenance;
}

const ROW = /^\s*\S{0,100}hugepages-(\d{1,9})kB\/([a-z_]+)\s*[:=]\s*(\d+)\s*$/;
/** Not a count of pages. */
const OTHER = /hugepages-\d{1,9}kB\/demote/;
const BEGINS = /hugepages-\d{1,9}kB\//;

/**
 * The files of `/sys/kernel/mm/hugepages`, as `grep . -r` lists them.
 *
 * Written by mm/hugetlb.c (in newest kernels mm/hugetlb_sysfs.c), since 2.6.27.
 */
export const hugepages: TextFormat<'hugepages', readonly HugepageValue[]> = {
  kind: 'hugepages',
  looksFor: 'lines such as "hugepages-2048kB/nr_hugepages:512"',
  many: false,

  claim(lines, at) {
    return BEGINS.test(lines[at]?.text ?? '') && ROW.test(lines[at]?.text ?? '')
      ? claimUnrepeated(lines, at, key, 1)
      : 0;
  },

  parse(lines, file): Parsed<readonly HugepageValue[]> {
    const values: HugepageValue[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, size, name = '', digits] = ROW.exec(text) ?? [];
      if (size !== undefined && isQuantity(Number(digits)))
        values.push({ size: kibibytes(Number(size)), ...nodeOf(text), name, count: Number(digits), at });
      else if (BEGINS.test(text) && !OTHER.test(text)) problems.push({ problem: 'hugepages: unreadable line', at });
    }
    return { value: values, problems };
  },
};

const nodeOf = (text: string): { readonly node?: number } => {
  const node = /\/node(\d{1,4})\//.exec(text)?.[1];
  return node === undefined ? {} : { node: Number(node) };
};

function key(text: string): string | undefined {
  if (!BEGINS.test(text)) return undefined;
  const [, size, name] = ROW.exec(text) ?? [];
  if (size !== undefined) return `${nodeOf(text).node} ${size} ${name}`;
  return OTHER.test(text) ? text : undefined;
}
