import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../testkit/exercise-format.ts';
import { readKernelRow } from './slabinfo-row.ts';

describe('readKernelRow', () => {
  it('reads every row of real tables', () => {
    for (const name of ['6.1-slub', '6.1-slab-arm64']) {
      const rows = fixture(`proc/slabinfo/${name}.txt`)
        .split('\n')
        .filter((line) => line.includes('slabdata') && !line.startsWith('#'));
      expect(rows.length).toBeGreaterThan(70);
      expect(rows.filter((row) => readKernelRow(row) === undefined)).toEqual([]);
    }
  });

  it('reads what a row says', () => {
    const row =
      'dnotify cache        10     20    192   21    1 : tunables  120   60    8 : slabdata      3      4      5 : globalstat 1';
    expect(readKernelRow(row)).toEqual({ name: 'dnotify cache', sizes: [10, 20, 192, 21, 1], slabdata: [3, 4, 5] });
  });

  it('reads back what the kernel would write', () => {
    const count = fc.nat({ max: 999_999_999_999_999 });
    const five = fc.tuple(count, count, count, count, count);
    const three = fc.tuple(count, count, count);
    const named = fc.stringMatching(/^[a-z]([a-z0-9_ :-]{0,30}[a-z])?$/).filter((name) => !name.includes(' : '));
    fc.assert(
      fc.property(named, five, three, (name, sizes, slabdata) => {
        const row = `${name.padEnd(17)} ${sizes.join('  ')} : tunables 0 0 0 : slabdata ${slabdata.join('   ')}`;
        expect(readKernelRow(row)).toEqual({ name, sizes, slabdata });
      }),
    );
  });

  it.each([
    ['a number is missing', 'x 1 2 3 4 : tunables 0 0 0 : slabdata 1 1 0'],
    ['the name is missing', '1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1 0'],
    ['a number has a letter', 'x 1 2 3z 4 5 : tunables 0 0 0 : slabdata 1 1 0'],
    ['a number is negative', 'x 1 2 -3 4 5 : tunables 0 0 0 : slabdata 1 1 0'],
    ['a number is too long to be exact', 'x 1 2 3 4 5000000000000000 : tunables 0 0 0 : slabdata 1 1 0'],
    ['the end is cut off', 'x 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1'],
    ['it is indented', '  x 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1 0'],
    ['it is empty', ''],
  ])('leaves a row alone where %s', (_, row) => {
    expect(readKernelRow(row)).toBeUndefined();
  });
});
