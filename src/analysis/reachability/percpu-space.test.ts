import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import type { PercpuChunk, PercpuMemory } from '../../model/kernel/percpu-chunks.ts';
import { halves } from './node-space.ts';
import { NO_AREA, percpuAreaAt, percpuAreaIn, percpuSpace, type OpenPercpu } from './percpu-space.ts';

/** Two CPUs: the second's copies lie two pages behind the first's. Pointers are 0x7000_0000_0000 above the first's. */
const UNITS = [0n, 0x2000n] as const;
const SHIFT = 0x7000_0000_0000n;
const [ONE, TWO] = [MADE_BASE + 0x8000n, MADE_BASE + 0x10000n];

const chunk = (base: bigint, areas: readonly (readonly [number, number])[], isFirst = false): PercpuChunk => ({
  address: MADE_BASE + 0x4000n,
  base,
  isFirst,
  isReserved: false,
  bytes: 4096,
  populatedBytes: 4096,
  freeBytes: 0,
  areas: {
    starts: Uint32Array.from(areas, ([start]) => start),
    ends: Uint32Array.from(areas, ([, end]) => end),
  },
});

function opened(): OpenPercpu {
  const made = new MadeKernel(32, { pcpu_chunk: { base_addr: [24, 'pointer'] } });
  made.symbols.set('__per_cpu_offset', MADE_BASE);
  made.symbols.set('nr_cpu_ids', MADE_BASE + 0x100n);
  made.symbols.set('__cpu_possible_mask', MADE_BASE + 0x108n);
  made.symbols.set('pcpu_unit_offsets', MADE_BASE + 0x110n);
  made.put32(MADE_BASE + 0x100n, 2);
  made.put(MADE_BASE + 0x108n, 3n);
  made.put(MADE_BASE + 0x110n, MADE_BASE + 0x200n);
  for (const [cpu, unit] of UNITS.entries()) {
    made.put(MADE_BASE + BigInt(cpu * 8), BigInt.asUintN(64, unit - SHIFT));
    made.put(MADE_BASE + 0x200n + BigInt(cpu * 8), unit);
  }
  const memory: PercpuMemory = {
    units: 2,
    unitBytes: 4096,
    chunks: [chunk(MADE_BASE + 0x1000n, [[0, 64]], true), chunk(TWO, [[8, 16]]), chunk(ONE, [[0, 64], [64, 72], [128, 4096]])], // prettier-ignore
    laterBytes: 0,
  };
  const found = percpuSpace(made.kernel, memory, []);
  if (!found) throw new Error('no space');
  return found;
}

describe('areas of per-CPU memory', () => {
  const { space, areaAt } = opened();
  const at = (value: bigint): number => percpuAreaAt(space, halves(value).low, halves(value).high);
  const pointer = (address: bigint): bigint => BigInt.asUintN(64, address + SHIFT);

  it('are numbered chunk by chunk, without those of the chunk made at boot', () => {
    expect(space.count).toBe(4);
    expect([0, 1, 2, 3].map((i) => areaAt(i).size)).toEqual([8, 64, 8, 3968]);
    expect(areaAt(1)).toEqual({ pointer: pointer(ONE), address: ONE, size: 64 });
  });

  it('are referred to by what alloc_percpu returned, and by what lies inside', () => {
    expect(at(pointer(ONE))).toBe(1);
    expect(at(pointer(ONE) + 63n)).toBe(1);
    expect(at(pointer(ONE) + 64n)).toBe(2);
    expect(at(pointer(TWO) + 8n)).toBe(0);
  });

  it('are referred to by addresses in the copy of any CPU', () => {
    expect(at(ONE + 4095n)).toBe(3);
    expect(at(ONE + 0x2000n + 130n)).toBe(3);
    expect(at(TWO + 0x2000n + 9n)).toBe(0);
  });

  it('are not between areas, and not outside of chunks', () => {
    expect([pointer(ONE) + 100n, ONE + 72n, pointer(TWO), TWO + 16n].map(at)).toEqual([
      NO_AREA,
      NO_AREA,
      NO_AREA,
      NO_AREA,
    ]);
    const outside = [ONE + 4096n, ONE + 0x3000n, 0n, 2n ** 64n - 1n, pointer(TWO) + 4096n];
    expect(outside.filter((value) => at(value) !== NO_AREA)).toEqual([]);
    expect(percpuAreaIn(space, 1, 4095)).toBe(3);
  });

  it('have their pages, and the words that describe their chunk', () => {
    expect([...space.frames.keys()].toSorted((a, b) => a - b)).toEqual([8, 10, 16, 18]);
    expect([...space.ownWords]).toEqual([0x4000 + 24]);
    expect(space.pointerHalves).toEqual([halves(pointer(ONE)).high, 0]);
    expect(space.addressHalves).toEqual([halves(ONE).high, 0]);
  });

  it('are unknown without the table of units', () => {
    expect(
      percpuSpace(new MadeKernel(1, {}).kernel, { units: 1, unitBytes: 0, chunks: [], laterBytes: 0 }, []),
    ).toBeUndefined();
  });
});
