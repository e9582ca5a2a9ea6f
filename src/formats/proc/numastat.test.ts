import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { numastat } from './numastat.ts';

const table = `Per-node system memory usage (in MBs):
                          Node 0          Node 1           Total
                 --------------- --------------- ---------------
MemTotal                16008.93        16123.50        32132.43
MemFree                   172.44         1002.00         1174.44
Active(file)             3686.50            0.00         3686.50
HugePages_Total             0.00            0.00            0.00
`;

describe('numastat', () => {
  it('reads the file of one node', () => {
    const { value, problems } = readBlock(numastat, fixture('proc/numastat/6.18.txt'));
    expect(problems).toEqual([]);
    expect(value.unit).toBe('allocations');
    expect(value.rows.map((row) => row.name)).toEqual([
      'numa_hit',
      'numa_miss',
      'numa_foreign',
      'interleave_hit',
      'local_node',
      'other_node',
    ]);
  });

  it('reads what the command prints for all nodes', () => {
    const text =
      '                           node0           node1\nnuma_hit     76557759    92126519\nlocal_node   1   2';
    expect(readBlock(numastat, text).value.rows[0]?.values).toEqual([76_557_759, 92_126_519]);
  });

  it('reads the table of memory by node', () => {
    const { value, problems } = readBlock(numastat, table);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ unit: 'mebibytes' });
    expect(value.rows[1]).toMatchObject({ name: 'MemFree', values: [172.44, 1002], total: 1174.44 });
  });

  it('leaves vmstat, which has a numa_hit too, alone', () => {
    expect(numastat.claim(cleanLines('numa_hit 1\nnuma_miss 0\nnuma_local 1'), 0)).toBe(0);
  });

  it('says where a row is torn', () => {
    const { problems } = readBlock(numastat, table.replace('172.44', '17x.44'), 'f');
    expect(problems).toEqual([{ problem: 'numastat: unreadable row', at: { kind: 'line', file: 'f', line: 5 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (values) => {
        const text = `numa_hit ${values.join(' ')}\nlocal_node ${values.join(' ')}\n`;
        expect(readBlock(numastat, text).value.rows.map((row) => row.values)).toEqual([values, values]);
      }),
    );
  });

  exerciseFormat(numastat, table);
});
