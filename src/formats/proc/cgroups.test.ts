import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cgroups } from './cgroups.ts';

const real = fixture('proc/cgroups/6.18-v1.txt');

describe('cgroups', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(cgroups, real);
    expect(problems).toEqual([]);
    expect(value).toHaveLength(real.trim().split('\n').length - 1);
    expect(value.find((row) => row.controller === 'memory')).toMatchObject({ enabled: true });
  });

  it('reads a row picked out with grep', () => {
    expect(readBlock(cgroups, '# grep memory /proc/cgroups\nmemory\t9\t4711\t1\n').value).toMatchObject([
      { controller: 'memory', hierarchy: 9, groups: 4711 },
    ]);
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const { value, problems } = readBlock(cgroups, 'cpu 1 2 1\nmemory 3\npids 4 5 1', 'f');
    expect(value.map((row) => row.controller)).toEqual(['cpu', 'pids']);
    expect(problems).toEqual([{ problem: 'cgroups: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.boolean(), (hierarchy, groups, enabled) => {
        const text = `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t${hierarchy}\t${groups}\t${enabled ? 1 : 0}`;
        expect(readBlock(cgroups, text).value).toMatchObject([{ hierarchy, groups, enabled }]);
      }),
    );
  });

  exerciseFormat(cgroups, real);
});
