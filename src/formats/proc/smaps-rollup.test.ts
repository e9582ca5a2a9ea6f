import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { smapsRollup } from './smaps-rollup.ts';

const real = fixture('proc/smaps_rollup/6.1-init.txt');
const head = '00400000-7ffcdf0d6000 ---p 00000000 00:00 0                              [rollup]\n';

describe('smaps_rollup', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(smapsRollup, real);
    expect(problems).toEqual([]);
    expect(value.amounts.get('Pss')).toBe(kibibytes(Number(/^Pss: +(\d+)/m.exec(real)?.[1])));
  });

  it('reads one without its first line', () => {
    expect(readBlock(smapsRollup, 'Rss: 8 kB\nPss: 4 kB\nPss_Anon: 3 kB\n').value.amounts.get('Pss_Anon')).toBe(3072);
  });

  it('ends where the next process begins', () => {
    const one = `${head}Rss: 8 kB\nPss: 4 kB\n`;
    expect(smapsRollup.claim(cleanLines(one + one), 0)).toBe(3);
  });

  it('keeps the good lines when one is torn, and says where the torn one is', () => {
    const { value, problems } = readBlock(smapsRollup, `${head}Rss: 8 kB\nPss: kB\nSwap: 1 kB\n`, 'f');
    expect([...value.amounts.keys()]).toEqual(['Rss', 'Swap']);
    expect(problems).toEqual([{ problem: 'smaps_rollup: unreadable line', at: { kind: 'line', file: 'f', line: 3 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (rss, pss) => {
        const { amounts } = readBlock(smapsRollup, `${head}Rss: ${rss} kB\nPss: ${pss} kB\n`).value;
        expect([...amounts]).toEqual([
          ['Rss', rss * 1024],
          ['Pss', pss * 1024],
        ]);
      }),
    );
  });

  exerciseFormat(smapsRollup, real);
});
