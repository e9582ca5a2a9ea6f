import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { vmstat } from './vmstat.ts';

const real = fixture('proc/vmstat/6.1-slub.txt');

describe('vmstat', () => {
  it('reads real captures whole', () => {
    for (const text of [real, fixture('proc/vmstat/6.18.txt')]) {
      const { value, problems } = readBlock(vmstat, text, 'vmstat');
      expect(problems).toEqual([]);
      expect(value.size).toBe(text.trim().split('\n').length);
      expect(value.get('nr_free_pages')?.at).toEqual({ kind: 'line', file: 'vmstat', line: 1 });
    }
  });

  it('keeps the good rows when one is torn, and says where the torn one is', () => {
    const { value, problems } = readBlock(vmstat, 'nr_free_pages 10\nnr_mapp\nnr_shmem 2\n', 'f');
    expect([...value.keys()]).toEqual(['nr_free_pages', 'nr_shmem']);
    expect(problems).toEqual([{ problem: 'vmstat: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('does not make a number of a counter that wrapped below zero', () => {
    const { value, problems } = readBlock(vmstat, 'nr_free_pages 10\nnr_writeback 18446744073709551615\n');
    expect(value.has('nr_writeback')).toBe(false);
    expect(problems).toHaveLength(1);
  });

  it('ends where the next vmstat begins, and before the memory.stat of a cgroup', () => {
    const claimed = (text: string): number => vmstat.claim(cleanLines(text), 0);
    expect(claimed('nr_free_pages 1\npgpgin 2\nnr_free_pages 3\npgpgin 2')).toBe(2);
    expect(claimed('nr_free_pages 1\nanon 2\nfile 3')).toBe(1);
  });

  it('leaves the statistics of cgroups and processors alone', () => {
    for (const text of ['nr_dying_descendants 3', 'nr_periods 0\nnr_throttled 0', 'anon 1\nfile 2'])
      expect(vmstat.claim(cleanLines(text), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    const name = fc.constantFrom('nr_free_pages', 'nr_zspages', 'pgalloc_normal', 'oom_kill', 'nr_isolated_anon');
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.nat(), (names, n) => {
        const drawn = ['nr_mapped', ...names];
        const { value } = readBlock(vmstat, drawn.map((x, i) => `${x} ${n + i}`).join('\n'));
        expect([...value].map(([k, row]) => [k, row.count])).toEqual(drawn.map((x, i) => [x, n + i]));
      }),
    );
  });

  exerciseFormat(vmstat, real);
});
