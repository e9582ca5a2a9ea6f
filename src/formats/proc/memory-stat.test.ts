import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { memoryStat } from './memory-stat.ts';

const real = fixture('proc/memory-stat/6.18-v1.txt');
const version2 = 'anon 45056\nfile 1933312\nkernel 1093632\nkernel_stack 32768\nsock 0\nslab_unreclaimable 96000\n';

describe('memory.stat', () => {
  it('reads a real capture of version 1 whole', () => {
    const { value, problems } = readBlock(memoryStat, real);
    expect(problems).toEqual([]);
    expect(value.version).toBe(1);
    // The two limits are missing: there are none.
    expect(value.counts.size).toBe(real.trim().split('\n').length - 2);
  });

  it('reads version 2, and rows picked out of it', () => {
    expect(readBlock(memoryStat, version2).value.version).toBe(2);
    expect(readBlock(memoryStat, 'slab_unreclaimable 4096\n').value.counts.get('slab_unreclaimable')?.count).toBe(4096);
  });

  it('tells two groups in one text apart', () => {
    expect(memoryStat.claim(cleanLines(version2 + version2), 0)).toBe(6);
  });

  it('leaves vmstat alone', () => {
    expect(memoryStat.claim(cleanLines('nr_free_pages 1\npgfault 2'), 0)).toBe(0);
  });

  it('says where a row is torn', () => {
    const { problems } = readBlock(memoryStat, 'anon 1\nfile 2\nker\nsock 3', 'f');
    expect(problems).toEqual([{ problem: 'memory-stat: unreadable row', at: { kind: 'line', file: 'f', line: 3 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (anon, sock) => {
        const { counts } = readBlock(memoryStat, `anon ${anon}\nfile 0\nsock ${sock}\n`).value;
        expect([counts.get('anon')?.count, counts.get('sock')?.count]).toEqual([anon, sock]);
      }),
    );
  });

  exerciseFormat(memoryStat, real);
});
