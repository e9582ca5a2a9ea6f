import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { walkPercpu } from './percpu-chunks.ts';
import { areaSizes, chunkAreas, mapBytes, type AreaSizes, type ChunkMaps } from './percpu-map.ts';

/** Maps of one page: areas as [bytes, whether in use], `grain` bytes a bit. */
function maps(areas: readonly (readonly [number, boolean])[], grain: number): ChunkMaps {
  const [used, bounds] = [new Uint8Array(mapBytes(4096) + 8), new Uint8Array(mapBytes(4096) + 8)];
  const set = (map: Uint8Array, bit: number): void => void (map[bit >> 3] = (map[bit >> 3] ?? 0) | (1 << (bit & 7)));
  let [at, freeBytes] = [0, 0];
  for (const [size, inUse] of areas) {
    set(bounds, at / grain);
    for (let bit = at; inUse && bit < at + size; bit += grain) set(used, bit / grain);
    if (!inUse) freeBytes += size;
    at += size;
  }
  set(bounds, at / grain);
  return { used, bounds, bytes: 4096, freeBytes, hiddenStart: 0, hiddenEnd: 0 };
}

const sizesOf = (of: ChunkMaps): AreaSizes | undefined => {
  const areas = chunkAreas(of);
  return areas && areaSizes(areas);
};

describe('maps of a per-CPU chunk', () => {
  it.each([4, 8])('give the areas in use by size, %i bytes a bit', (grain) => {
    const areas = [
      [64, true],
      [8, true],
      [128, false],
      [8, true],
      [3888, false],
    ] as const;
    expect(sizesOf(maps(areas, grain))).toEqual(
      new Map([
        [64, 1],
        [8, 2],
      ]),
    );
  });

  it('leave out what is hidden at the ends of the first chunk', () => {
    const first = maps(
      [
        [256, true],
        [64, true],
        [3264, false],
        [512, true],
      ],
      4,
    );
    expect(sizesOf({ ...first, hiddenStart: 256, hiddenEnd: 512 })).toEqual(new Map([[64, 1]]));
  });

  it('give nothing where they do not fit the free bytes', () => {
    expect(
      sizesOf({
        ...maps(
          [
            [64, true],
            [4032, false],
          ],
          4,
        ),
        freeBytes: 4000,
      }),
    ).toBeUndefined();
  });
});

describe('per-CPU memory', () => {
  it('is unknown without its symbols, and that is said', () => {
    expect(walkPercpu(new MadeKernel(1, {}).kernel)).toMatchObject({
      value: undefined,
      problems: [expect.any(String)],
    });
  });

  it('has its chunks on the lists of both kinds before 5.14', () => {
    const made = new MadeKernel(8, {
      pcpu_chunk: {
        list: [0, 'list'],
        free_bytes: [16, 'u32'],
        base_addr: [24, 'pointer'],
        nr_pages: [32, 'u32'],
        nr_populated: [36, 'u32'],
      },
    });
    const lists = MADE_BASE + 0x100n;
    const words = {
      pcpu_nr_units: 2,
      pcpu_nr_slots: 2,
      pcpu_unit_size: 8192,
      pcpu_nr_populated: 7,
      pcpu_first_chunk: 0,
    };
    for (const [i, [name, value]] of Object.entries(words).entries()) {
      made.symbols.set(name, MADE_BASE + BigInt(i * 8));
      made.put(MADE_BASE + BigInt(i * 8), BigInt(value));
    }
    made.symbols.set('pcpu_chunk_lists', MADE_BASE + 0x80n);
    made.put(MADE_BASE + 0x80n, lists);
    const chunks = [1, 2].map((i) => MADE_BASE + BigInt(i * 0x1000));
    for (const chunk of chunks) {
      made.put32(chunk + 32n, 2);
      made.put32(chunk + 36n, 1);
    }
    made.link(lists, chunks[0] ?? 0n);
    made.link(lists + 16n);
    made.link(lists + 32n);
    made.link(lists + 48n, chunks[1] ?? 0n);
    const { value, problems } = walkPercpu(made.kernel);
    expect(problems).toEqual([]);
    expect(value?.chunks.map(({ address }) => address)).toEqual(chunks);
    expect(value).toMatchObject({
      units: 2,
      populatedBytes: 7 * 2 * 4096,
      laterBytes: 2 * 2 * 4096,
      bootBytes: 5 * 2 * 4096,
    });
  });
});

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`per-CPU memory of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name adds up to Percpu of meminfo', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = walkPercpu(kernel);
    dump.close();
    expect(problems).toEqual([]);
    expect(value?.chunks.some(({ isFirst }) => isFirst)).toBe(true);
    // Every byte of every chunk is in use or free.
    const torn = value?.chunks.filter(({ areas, bytes, freeBytes, isFirst, isReserved }) => {
      const used = [...(areas ? areaSizes(areas) : [])].reduce((sum, [size, count]) => sum + size * count, 0);
      return areas === undefined || (!isFirst && !isReserved && used + freeBytes !== bytes);
    });
    expect(torn).toEqual([]);
    const then = /^Percpu: +(\d+) kB/m.exec(proc('meminfo') ?? '')?.[1];
    const percpu = (value?.populatedBytes ?? 0) / 1024;
    expect(then === undefined || Math.abs(percpu - Number(then)) <= 64).toBe(true);
  });
});
