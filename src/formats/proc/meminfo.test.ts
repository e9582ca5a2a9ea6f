import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { cleanLines } from '../text/line.ts';
import { meminfo } from './meminfo.ts';

const real = fixture('proc/meminfo/6.1-slub.txt');

describe('meminfo', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(meminfo, real, 'meminfo');
    expect(problems).toEqual([]);
    expect(value.get('MemTotal')).toEqual({
      kind: 'amount',
      bytes: kibibytes(222_380),
      at: { kind: 'line', file: 'meminfo', line: 1 },
    });
    expect(value.get('HugePages_Total')).toMatchObject({ kind: 'count', count: 0 });
    expect(value.get('Active(anon)')).toMatchObject({ kind: 'amount' });
    expect(value.size).toBe(50);
  });

  it('keeps the good lines when one is torn, and says where the torn one is', () => {
    const { value, problems } = readBlock(meminfo, 'MemTotal: 10 kB\nMemFree: 1x kB\nSlab: 2 kB\n', 'f');
    expect([...value.keys()]).toEqual(['MemTotal', 'Slab']);
    expect(problems).toEqual([{ problem: 'meminfo: unreadable line', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('ends where the next meminfo begins', () => {
    const lines = cleanLines('MemTotal: 10 kB\nMemFree: 1 kB\nMemTotal: 10 kB\nMemFree: 2 kB');
    expect(meminfo.claim(lines, 0)).toBe(2);
  });

  it('reads the table form of kernel 2.4', () => {
    const text =
      '        total:    used:    free:  shared: buffers:  cached:\nMem:  263929856 259067904  4861952 0 31178752 133693440\nSwap: 0 0 0\nMemTotal:       257744 kB\nMemFree:          4748 kB\n';
    expect(readBlock(meminfo, text).value.get('MemFree')).toMatchObject({ bytes: kibibytes(4748) });
  });

  it('reads back what was written', () => {
    const name = fc.constantFrom('MemTotal', 'MemFree', 'Slab', 'SReclaimable', 'Active(file)', 'Percpu');
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.nat(), (names, n) => {
        const text = names.map((x, i) => `${x}:   ${n + i} kB`).join('\n');
        const { value } = readBlock(meminfo, text);
        expect([...value].map(([k, f]) => [k, f.kind === 'amount' ? f.bytes : -1])).toEqual(
          names.map((x, i) => [x, (n + i) * 1024]),
        );
      }),
    );
  });

  exerciseFormat(meminfo, real);
});
