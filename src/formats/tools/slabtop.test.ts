import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { slabtop } from './slabtop.ts';

const real = fixture('tools/slabtop/6.18-procps-4.txt');

describe('slabtop', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(slabtop, real);
    expect(problems).toEqual([]);
    expect(value.totals).toMatchObject({ activeObjects: 448_839, objects: 474_690, slabs: 15_502 });
    expect(value.totals.size?.held).toBe(Math.round(129_969.11 * 1024));
    expect(value.rows).toHaveLength(53);
    expect(value.rows[1]).toMatchObject({
      name: 'dentry',
      objects: 84_402,
      slots: 84_567,
      objectSize: 192,
      slabs: 4027,
      bytes: 16_108 * 1024,
    });
  });

  it('reads the header alone, and rows alone', () => {
    const head = ' Active / Total Size (% used)       : 90.38K / 100.99K (90.4%)\n';
    expect(readBlock(slabtop, head).value).toMatchObject({ rows: [], totals: { size: { held: 103_414 } } });
    const row = ' 83628  83586  99%    0.12K   2614       32     10456K kmalloc-128';
    expect(readBlock(slabtop, row).value).toMatchObject({
      totals: {},
      rows: [{ name: 'kmalloc-128', objectSize: 128 }],
    });
  });

  it('reads sizes with other suffixes and a decimal comma', () => {
    const row =
      '  100   90  90%    1,50K     25        4       16M task_struct\n  100   90  90%     192B     25        4       1.5G x y';
    expect(readBlock(slabtop, row).value.rows).toMatchObject([
      { bytes: 16 * 1024 ** 2, objectSize: 1536 },
      { name: 'x y', bytes: 1.5 * 1024 ** 3, objectSize: 192 },
    ]);
  });

  it('ends where the next screen begins', () => {
    const screen = real.split('\n').slice(0, 9).join('\n');
    expect(slabtop.claim(cleanLines(`${screen}\n\n${screen}`), 0)).toBe(9);
  });

  it('says where a row is torn', () => {
    const { value, problems } = readBlock(
      slabtop,
      `${real.split('\n').slice(0, 8).join('\n')}\n 845 84402  99%\n${real.split('\n')[9]}`,
      'f',
    );
    expect(value.rows).toHaveLength(2);
    expect(problems).toEqual([{ problem: 'slabtop: unreadable row', at: { kind: 'line', file: 'f', line: 9 } }]);
  });

  it('reads back what was written', () => {
    const row = fc.record({
      slots: fc.nat(),
      objects: fc.nat(),
      slabs: fc.nat(),
      kib: fc.nat(),
      name: fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}[a-z]$/),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = rows
          .map((r) => `${r.slots} ${r.objects}  99%    0.25K ${r.slabs}   16 ${r.kib}K ${r.name}  `)
          .join('\n');
        expect(
          readBlock(slabtop, text).value.rows.map(({ name, slots, objects, slabs, bytes }) => ({
            slots,
            objects,
            slabs,
            kib: (bytes ?? 0) / 1024,
            name,
          })),
        ).toEqual(rows);
      }),
    );
  });

  exerciseFormat(slabtop, real.slice(0, 1200));
});
