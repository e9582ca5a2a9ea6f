import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { arcstats } from './arcstats.ts';

const head = '13 1 0x01 123 33456 6424242424 98765432101234\nname                            type data\n';
const sample = `${head}hits                            4    128964145
misses                          4    410296
demand_data_hits                4    55140012
c                               4    8589934592
c_min                           4    524288000
c_max                           4    16777216000
size                            4    8589000000
memory_available_bytes          3    -1234567
arc_meta_used                   4    2147483648
`;

describe('arcstats', () => {
  it('reads sizes and signed values', () => {
    const { value, problems } = readBlock(arcstats, sample);
    expect(problems).toEqual([]);
    expect(value.get('size')).toEqual({ value: 8_589_000_000, at: { kind: 'line', file: 'input', line: 9 } });
    expect(value.get('memory_available_bytes')?.value).toBe(-1_234_567);
  });

  it('reads rows without their header', () => {
    expect(readBlock(arcstats, 'hits   4    5\nmru_hits 4 6\n').value.size).toBe(2);
  });

  it('leaves other kstats with the same header alone', () => {
    expect(arcstats.claim(cleanLines(`${head}zil_commit_count  4  25\nzil_itx_count 4 30`), 0)).toBe(0);
  });

  it('says where a row is torn', () => {
    const { problems } = readBlock(arcstats, 'c_max 4 5\nsize 4\nhits 4 1', 'f');
    expect(problems).toEqual([{ problem: 'arcstats: unreadable row', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (size, limit) => {
        const { value } = readBlock(arcstats, `${head}size 3 ${size}\nc_max 3 ${limit}\n`);
        expect([value.get('size')?.value, value.get('c_max')?.value]).toEqual([size, limit]);
      }),
    );
  });

  exerciseFormat(arcstats, sample);
});
