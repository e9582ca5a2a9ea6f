import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { cgroupStat } from './cgroup-stat.ts';
import { procFormats } from './catalog.ts';

const capture = fixture('proc/cgroup-stat/6.18.txt');

describe('cgroup.stat', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(cgroupStat, capture);
    expect(problems).toEqual([]);
    expect([value.descendants?.count, value.dying?.count]).toEqual([0, 0]);
    expect(cgroupStat.claim(cleanLines(capture.trimEnd()), 0)).toBe(6);
  });

  it('reads what older kernels have, and is asked before the formats whose rows look alike', () => {
    const lines = cleanLines('nr_descendants 45\nnr_dying_descendants 4321\n');
    expect(readBlock(cgroupStat, 'nr_descendants 45\nnr_dying_descendants 4321\n').value.dying?.count).toBe(4321);
    expect(procFormats.find((format) => format.claim(lines, 0) > 0)?.kind).toBe('cgroup-stat');
    expect(cgroupStat.claim(cleanLines('nr_free_pages 12\nnr_descendants 1\n'), 0)).toBe(0);
  });

  exerciseFormat(cgroupStat, capture);
});
