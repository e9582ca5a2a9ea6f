import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf } from './commands.ts';
import type { PoolRow, PoolRows } from './pool-row.ts';
import { readSize } from './size.ts';

const HEADER = /^\s*time\s+(?:[\w%]+\s+){1,30}(?:arcsz|size)\b/;
const ROW = /^\s*\d\d:\d\d:\d\d(?:\s+[\d.]+[KMGTP]?){2,}\s*$/;

/** `arcstat` (arcstat.py) of OpenZFS: the last row's size of the ARC and its target `c`. */
export const arcstat: TextFormat<'arcstat', PoolRows> = {
  kind: 'arcstat',
  looksFor: 'the header of arcstat: "time  read  miss  miss%  …  arcsz  c"',
  many: false,

  claim(lines, at) {
    if (!isHeader(lines[at]?.text ?? '')) return 0;
    return blockOf(
      lines,
      at,
      (text) => ROW.test(text) || isHeader(text),
      () => false,
    );
  },

  parse(lines, file): Parsed<PoolRows> {
    const problems: Problem[] = [];
    let header: readonly string[] = [];
    let pool: PoolRow | undefined;
    for (const { text, number } of lines) {
      const cells = text.trim().split(/\s+/);
      if (isHeader(text)) header = cells;
      if (!ROW.test(text)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const bytes = readSize(cells[header.findIndex((h) => h === 'arcsz' || h === 'size')]);
      const limit = readSize(cells[header.indexOf('c')]);
      if (bytes === undefined) problems.push({ problem: 'arcstat: unreadable row', at });
      else
        pool = { id: 'zfs-arc', name: 'ZFS ARC', owner: 'zfs', bytes, ...(limit === undefined ? {} : { limit }), at };
    }
    return { value: { pools: pool ? [pool] : [] }, problems };
  },
};

const isHeader = (text: string): boolean =>
  text.length < 400 && /^\s*time\s/.test(text) && HEADER.test(text) && /\s(?:read|miss|hits)\s/.test(text);
