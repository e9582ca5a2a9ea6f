import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { procFormats } from './catalog.ts';
import { slabValues } from './slab-values.ts';

const capture = fixture('proc/slab-values/6.18.txt');

describe('files of /sys/kernel/slab', () => {
  it('are read from a real capture', () => {
    const { value, problems } = readBlock(slabValues, capture);
    expect(problems).toEqual([]);
    expect(value).toHaveLength(capture.trimEnd().split('\n').length);
    expect(value[5]).toMatchObject({
      cache: ':0000024',
      name: 'slabs_cpu_partial',
      value: '255(3) C0=85(1) C1=170(2)',
    });
  });

  it('are told from lists of callers, which stand in the same folder', () => {
    const traces = '/sys/kernel/slab/kmalloc-64/alloc_calls: 12 foo+0x1/0x2 age=1 pid=1';
    expect(slabValues.claim(cleanLines(traces), 0)).toBe(0);
    expect(procFormats.find((f) => f.claim(cleanLines(capture), 0) > 0)?.kind).toBe('slab-values');
  });

  it('that are torn are a problem, and the rest is read', () => {
    const { value, problems } = readBlock(slabValues, '/sys/kernel/slab/a/order:1\n/sys/kernel/slab/a/slab_size:\n');
    expect([value.length, problems.length]).toEqual([1, 1]);
  });

  exerciseFormat(slabValues, capture);
});
