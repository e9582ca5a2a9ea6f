import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { kibibytes } from '../../base/units.ts';
import { boStats } from './bo-stats.ts';

const v3d = 'allocated bos:          41\nallocated bo size (kb): 120124\n';
const vc4 = `                        kernel:   2048kb BOs (2)
                           V3D:  62768kb BOs (315)
                    V3D shader:    112kb BOs (28)
                          dumb:   4564kb BOs (5)
            userspace BO cache:   9000kb BOs (40)
`;

describe('bo_stats', () => {
  it('reads the form of v3d', () => {
    const { value, problems } = readBlock(boStats, v3d);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ driver: 'v3d', objects: 41, bytes: kibibytes(120_124) });
  });

  it('knows no bytes where the second line is missing, unless there is no buffer', () => {
    expect(readBlock(boStats, 'allocated bos:   41\n').value).not.toHaveProperty('bytes');
    expect(readBlock(boStats, 'allocated bos:   0\n').value.bytes).toBe(0);
  });

  it('reads the form of vc4 and counts no buffer twice', () => {
    const { value } = readBlock(boStats, vc4);
    expect(value).toMatchObject({ driver: 'vc4', objects: 350, bytes: kibibytes(2048 + 62_768 + 112 + 4564) });
    expect(value.labels.get('V3D shader')).toEqual({ objects: 28, bytes: kibibytes(112) });
  });

  it('reads the form that vc4 had before 4.14', () => {
    const text = 'num bos allocated: 120\nsize bos allocated: 30720kb\nnum bos used: 100\nsize bos used: 20000kb\n';
    expect(readBlock(boStats, text).value).toMatchObject({ driver: 'vc4', objects: 120, bytes: kibibytes(30_720) });
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (objects, kib) => {
        const text = `allocated bos: ${objects}\nallocated bo size (kb): ${kib}\n`;
        expect(readBlock(boStats, text).value).toMatchObject({ objects, bytes: kib * 1024 });
      }),
    );
  });

  exerciseFormat(boStats, v3d + vc4);
});
