import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { smaps } from './smaps.ts';

const real = fixture('proc/smaps/6.18-head.txt');
const mapping = (start: string, pss: number, page = 4): string =>
  `${start}-${start}f r-xp 00000000 fe:00 26 /usr/bin/thing\nSize: 64 kB\nKernelPageSize: ${page} kB\nPss: ${pss} kB\nVmFlags: rd ex\n`;

describe('smaps', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(smaps, real);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ mappings: 3, pageSize: kibibytes(4), program: '/usr/bin/head' });
    const pss = [...real.matchAll(/^Pss: +(\d+)/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
    expect(value.amounts.get('Pss')).toBe(kibibytes(pss));
  });

  it('tells two processes in one text apart by their addresses', () => {
    const first = mapping('00400000', 1) + mapping('7f000000', 2);
    expect(smaps.claim(cleanLines(first + mapping('00400000', 5)), 0)).toBe(10);
    expect(readBlock(smaps, first).value.amounts.get('Pss')).toBe(kibibytes(3));
  });

  it('takes the smallest page size for the base page, huge mappings aside', () => {
    expect(readBlock(smaps, mapping('00400000', 1, 2048) + mapping('00500000', 1, 64)).value.pageSize).toBe(
      kibibytes(64),
    );
  });

  it('reads lines picked out with grep', () => {
    expect(readBlock(smaps, 'Pss: 4 kB\nPss: 8 kB\n').value).toMatchObject({ mappings: 0 });
    expect(readBlock(smaps, 'Pss: 4 kB\nPss: 8 kB\n').value.amounts.get('Pss')).toBe(kibibytes(12));
  });

  it('leaves maps without amounts, and roll-ups, alone', () => {
    const line = '55e0dce65000-55e0dce67000 r--p 00000000 fe:00 260386                     /usr/bin/head';
    expect(smaps.claim(cleanLines(`${line}\n${line}`), 0)).toBe(0);
    expect(smaps.claim(cleanLines('00400000-7ffcdf0d6000 ---p 00000000 00:00 0   [rollup]\nRss: 1 kB'), 0)).toBe(0);
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(smaps, 'Rss: 4 kB\nPss: 8\nRss: 4 kB', 'f');
    expect(problems).toEqual([{ problem: 'smaps: unreadable line', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 30 }), (amounts) => {
        const text = amounts.map((kib, i) => mapping((0x40000 + i).toString(16), kib)).join('');
        const sum = amounts.reduce((a, b) => a + b);
        expect(readBlock(smaps, text).value.amounts.get('Pss')).toBe(sum * 1024);
      }),
    );
  });

  exerciseFormat(smaps, real);
});
