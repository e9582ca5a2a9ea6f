import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { vmstatSlabs } from './vmstat-slabs.ts';
import { vmstatTable } from './vmstat-table.ts';

const real = fixture('tools/vmstat-table/6.18-procps-4.txt');
const slabs = `Cache                       Num  Total   Size  Pages
fuse_request                 42     42    192     21
dentry                    84402  84567    192     21
Cache                       Num  Total   Size  Pages
dnotify cache                 0     10    128     32
`;

describe('vmstat-table', () => {
  it('reads a real capture, of which the last row counts', () => {
    const { value } = readBlock(vmstatTable, real);
    const last = real.trim().split('\n').at(-1)?.trim().split(/\s+/).map(Number) ?? [];
    expect(value.rows).toBe(2);
    expect(value.amounts.get('MemFree')).toMatchObject({ bytes: (last[3] ?? 0) * 1024, at: { line: 4 } });
    expect(value.amounts.get('Buffers')?.bytes).toBe((last[4] ?? 0) * 1024);
  });

  it('takes the unit from the command, and reads -a', () => {
    const text = `$ vmstat -S M -a\nprocs -----------memory----------\n r  b   swpd   free  inact active   si   so    bi    bo   in   cs us sy id wa\n 2  0      0  23347    120    300    0    0   527   379  118  263  6  1 93  0\n`;
    expect(
      Object.fromEntries([...readBlock(vmstatTable, text).value.amounts].map(([k, v]) => [k, v.bytes / 1024 ** 2])),
    ).toEqual({ MemFree: 23_347, Inactive: 120, Active: 300 });
  });

  it('keeps the rows before a torn one', () => {
    const { value } = readBlock(vmstatTable, `${real.split('\n').slice(0, 3).join('\n')}\n 1  0   0 238`);
    expect(value.rows).toBe(1);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 17, maxLength: 17 }), (n) => {
        const text = ` r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n ${n.join(' ')}\n`;
        expect(readBlock(vmstatTable, text).value.amounts.get('MemFree')?.bytes).toBe((n[3] ?? 0) * 1024);
      }),
    );
  });

  exerciseFormat(vmstatTable, real);
});

describe('vmstat-slabs', () => {
  it('reads rows, repeated headers and names with blanks', () => {
    const { value, problems } = readBlock(vmstatSlabs, slabs);
    expect(problems).toEqual([]);
    expect(value.rows.map((r) => r.name)).toEqual(['fuse_request', 'dentry', 'dnotify cache']);
    expect(value.rows[1]).toMatchObject({
      objects: 84_402,
      slots: 84_567,
      objectSize: 192,
      slabs: 4027,
      bytes: 84_567 * 192,
    });
  });

  it('says where a row is torn', () => {
    const { value, problems } = readBlock(vmstatSlabs, slabs.replace('42    192', 'x 192'), 'f');
    expect(value.rows).toHaveLength(2);
    expect(problems).toMatchObject([{ at: { line: 2 } }]);
  });

  it('reads back what was written', () => {
    const row = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/),
      objects: fc.nat(),
      slots: fc.nat(),
      size: fc.nat(9000),
      each: fc.nat(500),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const text = `Cache Num Total Size Pages\n${rows.map((r) => `${r.name} ${r.objects} ${r.slots} ${r.size} ${r.each}`).join('\n')}`;
        expect(readBlock(vmstatSlabs, text).value.rows.map((r) => [r.name, r.objects, r.slots, r.bytes])).toEqual(
          rows.map((r) => [r.name, r.objects, r.slots, r.slots * r.size]),
        );
      }),
    );
  });

  exerciseFormat(vmstatSlabs, slabs);
});
