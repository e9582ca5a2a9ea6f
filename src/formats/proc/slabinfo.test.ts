import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { bytes, pages } from '../../base/units.ts';
import { slabinfo } from './slabinfo.ts';

const header =
  'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>\n';
const count = fc.nat({ max: 2 ** 31 });
const drawnRow = fc.record({
  name: fc.stringMatching(/^[a-z]([a-z0-9_ -]{0,18}[a-z])?$/),
  activeObjects: count,
  totalObjects: count,
  objectSize: count.map(bytes),
  objectsPerSlab: count,
  pagesPerSlab: count.map(pages),
  slabs: count,
});

describe('slabinfo', () => {
  it('reads a real SLUB capture', () => {
    const { value, problems } = readBlock(slabinfo, fixture('proc/slabinfo/6.1-slub.txt'));
    expect(problems).toEqual([]);
    expect(value.whole).toBe(true);
    expect(value.rows.find((r) => r.name === 'dentry')).toMatchObject({ objectSize: 192, objectsPerSlab: 21 });
  });

  it('reads a real SLAB capture with its tunables', () => {
    const { value } = readBlock(slabinfo, fixture('proc/slabinfo/6.1-slab-arm64.txt'));
    expect(value.rows.find((r) => r.name === 'kmalloc-cg-128')?.activeObjects).toBeGreaterThan(29_000);
  });

  it('reads rows without a header, and says that the table is not whole', () => {
    const { value } = readBlock(slabinfo, 'kmalloc-128 5 32 128 32 1 : tunables 120 60 8 : slabdata 1 1 0');
    expect(value).toMatchObject({ whole: false, rows: [{ name: 'kmalloc-128', slabs: 1 }] });
  });

  it('reads statistics behind a row, names with blanks and repeated names', () => {
    const row = (name: string): string =>
      `${name} 5 32 128 32 1 : tunables 120 60 8 : slabdata 1 1 0 : globalstat 1 2 3 4 5 6 7 8 9 : cpustat 1 2 3 4`;
    const { value } = readBlock(slabinfo, header + [row('dnotify cache'), row('x'), row('x')].join('\n'));
    expect(value.rows.map((r) => r.name)).toEqual(['dnotify cache', 'x', 'x']);
  });

  it('reads version 1.1 of kernel 2.4', () => {
    const { value } = readBlock(
      slabinfo,
      'slabinfo - version: 1.1\nkmem_cache            60     78    100    2    2    1\ndentry_cache  100 120 128 4 4 1 :  252  126\n',
    );
    expect(value.rows).toMatchObject([
      { name: 'kmem_cache', slabs: 2, pagesPerSlab: 1 },
      { name: 'dentry_cache', slabs: 4 },
    ]);
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const good = 'dentry 10 20 192 21 1 : tunables 0 0 0 : slabdata 1 1 0';
    const { value, problems } = readBlock(slabinfo, `${header}${good}\ndentr\n${good}`, 'slabinfo');
    expect(value.rows).toHaveLength(2);
    expect(problems).toEqual([
      { problem: 'slabinfo: unreadable row', at: { kind: 'line', file: 'slabinfo', line: 4 } },
    ]);
  });

  it('ends where the next table begins, and where a time stamp stands', () => {
    const row = (name: string): string => `${name} 5 32 128 32 1 : tunables 120 60 8 : slabdata 1 1 0\n`;
    const rows = (text: string): readonly string[] => readBlock(slabinfo, text).value.rows.map((r) => r.name);
    expect(rows(header + row('a') + header + row('b'))).toEqual(['a']);
    expect(rows(header + row('a') + 'zzz ***Mon Nov 3 00:00:30 UTC 2025\n' + header + row('b'))).toEqual(['a']);
    expect(rows(row('a') + 'Mon Nov  3 00:00:30 UTC 2025\n' + row('a'))).toEqual(['a']);
    expect(rows(row('a') + row('b') + header + row('a'))).toEqual(['a', 'b']);
    expect(rows(row('a') + 'torn\n' + row('b'))).toEqual(['a', 'b']);
  });

  it('bridges a blank line between version, titles and rows', () => {
    const { value } = readBlock(
      slabinfo,
      header.replace('\n', '\n\n') + '\nx 5 32 128 32 1 : tunables 120 60 8 : slabdata 1 1 0',
    );
    expect(value).toMatchObject({ whole: true, rows: [{ name: 'x' }] });
  });

  it('reads back every row it is given', () => {
    fc.assert(
      fc.property(fc.array(drawnRow), (drawn) => {
        const text = drawn
          .map(
            (r) =>
              `${r.name} ${r.activeObjects} ${r.totalObjects} ${r.objectSize} ${r.objectsPerSlab} ${r.pagesPerSlab} : tunables 0 0 0 : slabdata ${r.slabs} ${r.slabs} 0`,
          )
          .join('\n');
        const { value, problems } = readBlock(slabinfo, header + text);
        expect(problems).toEqual([]);
        expect(value.rows).toMatchObject(drawn);
      }),
    );
  });

  exerciseFormat(slabinfo, fixture('proc/slabinfo/6.1-slub.txt'));
});
