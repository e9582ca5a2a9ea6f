import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { buddyinfo } from './buddyinfo.ts';

const real = fixture('proc/buddyinfo/6.1-slub.txt');

describe('buddyinfo', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(buddyinfo, real);
    expect(problems).toEqual([]);
    expect(value.map((row) => [row.node, row.zone, row.blocks.length])).toEqual([
      [0, 'DMA', 11],
      [0, 'DMA32', 11],
    ]);
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const row = (zone: string): string => `Node 0, zone ${zone} 1 2 3 4 5 6 7 8 9 10 11`;
    const { value, problems } = readBlock(buddyinfo, `${row('DMA')}\nNode 0, zone DMA32 1 x\n${row('Normal')}`, 'f');
    expect(value.map((r) => r.zone)).toEqual(['DMA', 'Normal']);
    expect(problems).toEqual([{ problem: 'buddyinfo: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('ends where a zone comes again: that is the next moment', () => {
    const row = 'Node 0, zone Normal 1 2 3 4 5 6 7 8 9 10 11';
    expect(buddyinfo.claim(cleanLines(`${row}\n${row}`), 0)).toBe(1);
  });

  it('leaves the pageblock counts of pagetypeinfo alone', () => {
    expect(
      buddyinfo.claim(
        cleanLines('Node 0, zone      DMA            1            7            0            0            0'),
        0,
      ),
    ).toBe(0);
  });

  it('reads back what was written', () => {
    const zone = fc.record({
      zone: fc.stringMatching(/^[A-Z][A-Za-z0-9]{1,8}$/),
      blocks: fc.array(fc.nat(), { minLength: 7, maxLength: 16 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(zone, { minLength: 1, maxLength: 6, selector: (z) => z.zone }),
        fc.nat(99),
        (zones, node) => {
          const text = zones.map((z) => `Node ${node}, zone ${z.zone.padStart(8)} ${z.blocks.join(' ')} `).join('\n');
          const rows = readBlock(buddyinfo, text).value;
          expect(rows.map((row) => ({ zone: row.zone, blocks: row.blocks }))).toEqual(zones);
        },
      ),
    );
  });

  exerciseFormat(buddyinfo, real);
});
