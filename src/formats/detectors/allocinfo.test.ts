import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { allocinfo } from './allocinfo.ts';

const sample = `allocinfo - version: 1.0
#     <size>  <calls> <tag info>
           0        0 init/main.c:1314 func:do_initcalls
     4206592        4 net/netfilter/nf_conntrack_core.c:2567 func:nf_ct_alloc_hashtable
     4136960     1010 drivers/staging/ctagmod/ctagmod.c:20 [ctagmod] func:ctagmod_start
      225280       55 ./include/linux/mm.h:2848 func:pagetable_alloc
`;

describe('allocinfo', () => {
  it('joins rows that mail folded', () => {
    const mail = [
      '      26K      230 drivers/net/foo/foo_irq.c:84 [foo]',
      'func:foo_get_irq',
      '         896M   229264 drivers/net/foo/foo_txrx.c:680 [=',
      'foo] func:foo_alloc_page',
      '         57K      226 drivers/net/foo/foo_lib.c:397 [foo] func:foo_rings',
    ].join('\n');
    const { value, problems } = readBlock(allocinfo, mail);
    expect(problems).toEqual([]);
    expect(value.groups.map((g) => [g.stack[0].symbol, g.stack[0].module, g.count])).toEqual([
      ['foo_alloc_page', 'foo', 229_264],
      ['foo_rings', 'foo', 226],
      ['foo_get_irq', 'foo', 230],
    ]);
  });

  it('reads every call site that holds something', () => {
    const { value, problems } = readBlock(allocinfo, sample);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'allocinfo', entries: 4, cut: false });
    expect(value.groups.map((g) => [g.bytes, g.count])).toEqual([
      [4_206_592, 4],
      [4_136_960, 1010],
      [225_280, 55],
    ]);
    expect(value.groups[1]?.stack).toEqual([
      { symbol: 'ctagmod_start', source: 'drivers/staging/ctagmod/ctagmod.c:20', module: 'ctagmod' },
    ]);
    expect(value.groups[0]).not.toHaveProperty('inexact');
  });

  it('takes rows without header, sorted, quoted or rounded by a tool', () => {
    const rows = [
      '36523212800   4458401 fs/x.c:125 [mod] func:y',
      '36523212800   `139325 fs/x.c:126 [mod] func:z`',
      ' 34.0G      123 fs/x.c:127 func:a',
      '     513 MiB   131329 fs/x.c:128 func:b',
      '2.8k 1 fs/x.c:129 func:c',
    ];
    const { value, problems } = readBlock(allocinfo, rows.join('\n'));
    expect(problems).toEqual([]);
    expect(value.groups.map((g) => [g.stack[0].symbol, g.bytes, g.inexact])).toEqual(
      [
        ['y', 36_523_212_800, undefined],
        ['a', 34 * 1024 ** 3, true],
        ['z', 36_523_212_800, undefined],
        ['b', 513 * 1024 ** 2, true],
        ['c', 2800, true],
      ].toSorted((a, b) => Number(b[1]) - Number(a[1])),
    );
  });

  it('marks what the kernel calls inaccurate (version 2.0)', () => {
    const { value } = readBlock(allocinfo, 'allocinfo - version: 2.0\n 4096 1 mm/x.c:1 func:f accurate:no\n');
    expect(value.groups).toMatchObject([{ bytes: 4096, inexact: true }]);
  });

  it('takes a negative size for damage, not for a number', () => {
    const { value, problems } = readBlock(allocinfo, `${sample}       -4096       -1 mm/x.c:1 func:f\n`, 'f');
    expect(value.groups).toHaveLength(3);
    expect(problems).toMatchObject([{ at: { line: 7 } }]);
  });

  it('says where a row is torn, and whether it is the last', () => {
    const torn = readBlock(allocinfo, sample.replace('func:nf_ct', 'fu'), 'f');
    expect(torn.problems).toMatchObject([{ at: { line: 4 } }]);
    expect(torn.value.cut).toBe(false);
    expect(readBlock(allocinfo, `${sample}      4096   12 fs/fo`).value.cut).toBe(true);
  });

  it('ends where the next report begins', () => {
    expect(allocinfo.claim(cleanLines(sample + sample), 0)).toBe(6);
  });

  it('reads back what was written', () => {
    const row = fc.record({ size: fc.nat(), calls: fc.integer({ min: 1, max: 1e6 }), line: fc.nat(99_999) });
    fc.assert(
      fc.property(fc.uniqueArray(row, { minLength: 1, selector: (r) => r.line }), (rows) => {
        const text = rows
          .map((r) => `${String(r.size).padStart(12)} ${String(r.calls).padStart(8)} fs/x.c:${r.line} func:f`)
          .join('\n');
        const read = readBlock(allocinfo, text).value.groups.map((g) => `${g.stack[0].source} ${g.bytes} ${g.count}`);
        expect(read.toSorted()).toEqual(rows.map((r) => `fs/x.c:${r.line} ${r.size} ${r.calls}`).toSorted());
      }),
    );
  });

  exerciseFormat(allocinfo, sample);
});
