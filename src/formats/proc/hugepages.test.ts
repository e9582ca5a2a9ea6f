import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { hugepages } from './hugepages.ts';

const real = fixture('proc/hugepages/6.18.txt');

describe('huge page pools', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(hugepages, real);
    expect(problems).toEqual([]);
    expect(value.filter((v) => v.name === 'nr_hugepages').map((v) => v.size)).toEqual([
      kibibytes(2048),
      kibibytes(1_048_576),
    ]);
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(hugepages, 'hugepages-2048kB/nr_hugepages:5\nhugepages-2048kB/free_huge', 'f');
    expect(problems).toEqual([]);
    const middle = 'hugepages-2048kB/nr_hugepages:5\nhugepages-2048kB/free_huge\nhugepages-2048kB/resv_hugepages:0';
    expect(readBlock(hugepages, middle, 'f').problems).toMatchObject([{ at: { line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(63), (count, node) => {
        const text = `/sys/devices/system/node/node${node}/hugepages/hugepages-64kB/nr_hugepages:${count}\n`;
        expect(readBlock(hugepages, text).value).toMatchObject([{ size: 65_536, node, count }]);
      }),
    );
  });

  exerciseFormat(hugepages, real);
});
