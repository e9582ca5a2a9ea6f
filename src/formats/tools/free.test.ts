import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { guessUnit } from './free-unit.ts';
import { free } from './free.ts';

const KIB = 1024;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Amounts in units of `unit`, by name. */
function read(text: string, unit: number): Record<string, number> {
  return Object.fromEntries([...readBlock(free, text).value.amounts].map(([k, v]) => [k, v.bytes / unit]));
}

describe('free', () => {
  it('reads a real capture in KiB', () => {
    const { value, problems } = readBlock(free, fixture('tools/free/6.18-kib.txt'));
    expect(problems).toEqual([]);
    expect(value.unit).toBe('inferred');
    expect(value.amounts.get('MemTotal')?.bytes).toBe(24_684_084 * KIB);
    expect([...value.amounts.keys()]).toEqual([
      'MemTotal',
      'Used',
      'MemFree',
      'Shmem',
      'BuffCache',
      'MemAvailable',
      'SwapTotal',
      'SwapFree',
    ]);
  });

  it('reads real captures with suffixes, and wide ones in MiB', () => {
    expect(readBlock(free, fixture('tools/free/6.18-human.txt')).value).toMatchObject({ unit: 'stated' });
    expect(read(fixture('tools/free/6.18-human.txt'), GIB)).toMatchObject({ MemTotal: 23 });
    expect(read(fixture('tools/free/6.18-wide-mib.txt'), MIB)).toMatchObject({ MemTotal: 24_105 });
    expect([...readBlock(free, fixture('tools/free/6.18-wide-mib.txt')).value.amounts.keys()]).not.toContain('Cached');
  });

  it('reads the layout of before 3.3.10, where "shared" of 0 means nothing', () => {
    const old = `             total       used       free     shared    buffers     cached
Mem:       8174284    6071584    2102700          0      22428     209132
-/+ buffers/cache:    5840024    2334260
Swap:     12582896         92   12582804`;
    const expected = {
      MemTotal: 8_174_284,
      Used: 6_071_584,
      MemFree: 2_102_700,
      Buffers: 22_428,
      Cached: 209_132,
      SwapTotal: 12_582_896,
      SwapFree: 12_582_804,
    };
    expect(read(old, KIB)).toEqual(expected);
    expect(read(old.split('\n').slice(1).join('\n'), KIB)).toEqual(expected);
  });

  it('tells the layout by arithmetic where nothing else does', () => {
    expect(read('Mem: 8174284 6071584 2102700 4 22428 209132', KIB)).toMatchObject({ Cached: 209_132, Shmem: 4 });
    expect(read('Mem: 8174284 3071584 102700 4 5000000 4209132', KIB)).toMatchObject({
      BuffCache: 5_000_000,
      MemAvailable: 4_209_132,
    });
  });

  it('reads other languages', () => {
    const german = `              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar
Speicher:   16203328    4671264   331320      613120    11200744    10610184
Swap:        2097148     524288  1572860`;
    expect(read(german, KIB)).toMatchObject({ MemTotal: 16_203_328, BuffCache: 11_200_744, SwapFree: 1_572_860 });
    const chinese = `               总计         已用        空闲      共享    缓冲/缓存    可用
内存：     3862616     1137532     1615380      680648     1867836     2725084
交换：           0           0           0`;
    expect(read(chinese, KIB)).toMatchObject({ MemTotal: 3_862_616, MemAvailable: 2_725_084, SwapTotal: 0 });
  });

  it('takes the unit from the command where it is shown', () => {
    const rows = `              total        used        free      shared  buff/cache   available
Mem:            125          95           4           4          26          25
Swap:             9           0           8`;
    expect(readBlock(free, `[root@store7 ~]# free -g\n${rows}`)).toMatchObject({
      problems: [],
      value: { unit: 'stated' },
    });
    expect(read(`free -g\n${rows}`, GIB)).toMatchObject({ MemTotal: 125, SwapFree: 8 });
    expect(read(`$ free -m && uptime\n${rows}`, MIB)).toMatchObject({ MemTotal: 125 });
    expect(read(`$ free -h --si\n${rows.replace('125 ', '125G')}`, 1e9)).toMatchObject({ MemTotal: 125 });
  });

  it('takes one run at a time', () => {
    const run = fixture('tools/free/6.18-kib.txt');
    expect(free.claim(cleanLines(`${run}${run}`), 0)).toBe(3);
    expect(free.claim(cleanLines(`${run}${run}`), 3)).toBe(3);
    expect(free.claim(cleanLines(`free\n${run}${run}`), 0)).toBe(4);
  });

  it('leaves meminfo, top and prose alone', () => {
    for (const line of [
      'MemTotal: 10 kB',
      'Mem:  16393164k total, 10k used',
      '        total:    used:    free:',
      'we use free software',
      'Mem-Info:',
    ]) {
      expect(free.claim(cleanLines(`${line}\nMemFree: 1 kB`), 0)).toBe(0);
    }
  });

  it('reads back what was written', () => {
    const page = fc.nat({ max: 2 ** 18 }).map((n) => n * 4);
    fc.assert(
      fc.property(fc.tuple(page, page, page, page, page, page), fc.constantFrom('k', 'm', 'g'), (n, unit) => {
        const scale = 1024 ** ('kmg'.indexOf(unit) + 1);
        const text = `$ free -${unit}\n total used free shared buff/cache available\nMem: ${n.join(' ')}\nSwap: 8 4 4`;
        expect(Object.values(read(text, scale))).toEqual([...n, 8, 4]);
      }),
    );
  });

  exerciseFormat(free, `$ free\n${fixture('tools/free/6.18-kib.txt')}`);
});

describe('the unit of free', () => {
  it.each([
    [[31_697, 27_886, 435, 107, 3938, 3810], MIB],
    [[385_605, 27_886, 435, 107, 3938, 3810], MIB],
    [[59_628, 41_000, 6112, 1424, 12_516, 20_148], KIB],
    [[3_862_616, 1_137_532, 1_615_380, 680_648, 1_867_836, 2_725_084], KIB],
    [[8192 * 4096 * 100, 4096 * 7, 4096 * 9], 1],
    [[125, 95, 4, 4, 26, 25], GIB],
    [[487, 95, 4, 4, 26, 25], MIB],
  ])('of %j is %i bytes', (figures, unit) => {
    expect(guessUnit(figures).bytes).toBe(unit);
  });
});
