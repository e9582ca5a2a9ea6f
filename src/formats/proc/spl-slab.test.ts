import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { splSlab } from './spl-slab.ts';

const head = `--------------------- cache -------------------------------------------------------  ----- slab ------  ---- object -----  --- emergency ---
name                                    flags      size     alloc slabsize  objsize  total alloc   max  total alloc   max  dlock alloc   max
`;
const own =
  'zio_data_buf_131072                   0x00042 268435456 201326592  1048576   131072    256   256   300   2048  1536  2400      0     0     0';
const borrowed =
  'zio_cache                             0x00100         -   1384448        -     1280      -     -     -      -  1081     -      -     -     -';

describe('SPL slabs', () => {
  it('reads caches with slabs of their own', () => {
    const { value, problems } = readBlock(splSlab, `${head}${own}\n`);
    expect(problems).toEqual([]);
    expect(value).toMatchObject([
      { name: 'zio_data_buf_131072', size: 268_435_456, allocated: 201_326_592, objectSize: 131_072, objects: 1536 },
    ]);
  });

  it('gives no size to caches that stand on the kernel’s own', () => {
    const [cache] = readBlock(splSlab, `${head}${borrowed}\n`).value;
    expect(cache).toMatchObject({ allocated: 1_384_448, objects: 1081 });
    expect(cache).not.toHaveProperty('size');
  });

  it('uses what is left of a row that was cut, and says so', () => {
    const { value, problems } = readBlock(splSlab, `${head}${own.slice(0, own.indexOf('   2048'))}\n`, 'f');
    expect(value).toMatchObject([{ size: 268_435_456 }]);
    expect(value[0]).not.toHaveProperty('objects');
    expect(problems).toMatchObject([{ at: { line: 3 } }]);
  });

  it('reads back what was written', () => {
    const n = fc.nat();
    fc.assert(
      fc.property(n, n, n, n, (size, allocated, objectSize, objects) => {
        const text = `${head}x 0x00020 ${size} ${allocated} 4096 ${objectSize} 1 1 6 21 ${objects} 30 0 0 0\n`;
        expect(readBlock(splSlab, text).value).toMatchObject([{ size, allocated, objectSize, objects }]);
      }),
    );
  });

  exerciseFormat(splSlab, `${head}${own}\n${borrowed}\n`);
});
