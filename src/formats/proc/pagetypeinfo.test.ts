import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { pagetypeinfo } from './pagetypeinfo.ts';

const real = fixture('proc/pagetypeinfo/6.1-slub.txt');

describe('pagetypeinfo', () => {
  it('reads a real capture, both tables', () => {
    const lines = cleanLines(real.trimEnd());
    expect(pagetypeinfo.claim(lines, 0)).toBe(lines.length);
    const { value, problems } = readBlock(pagetypeinfo, real);
    expect(problems).toEqual([]);
    expect(value.pagesPerBlock).toBe(512);
    expect(value.free).toHaveLength(10);
    expect(value.pageblocks.map((row) => [...row.blocks.keys()])).toEqual(
      ['DMA', 'DMA32'].map(() => ['Unmovable', 'Movable', 'Reclaimable', 'HighAtomic', 'Isolate']),
    );
  });

  it('marks a list that the kernel stopped counting', () => {
    const { value } = readBlock(pagetypeinfo, 'Node    0, zone   Normal, type    Unmovable >100000   939    359');
    expect(value.free).toMatchObject([{ blocks: [100_000, 939, 359], overflow: true }]);
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const row = (type: string): string => `Node 0, zone DMA, type ${type} 1 2 3`;
    const { value, problems } = readBlock(pagetypeinfo, `${row('Movable')}\nNode 0, zone DM\n${row('CMA')}`, 'f');
    expect(value.free.map((r) => r.type)).toEqual(['Movable', 'CMA']);
    expect(problems).toEqual([{ problem: 'pagetypeinfo: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    const row = fc.record({ node: fc.nat(64), blocks: fc.array(fc.nat(), { minLength: 1, maxLength: 14 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = rows.map((r) => `Node ${r.node}, zone Normal, type Movable ${r.blocks.join(' ')}`).join('\n');
        const read = readBlock(pagetypeinfo, text).value.free;
        expect(read.map(({ node, blocks }) => ({ node, blocks }))).toEqual(rows);
      }),
    );
  });

  exerciseFormat(pagetypeinfo, real);
});
