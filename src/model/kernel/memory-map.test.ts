import { describe, expect, it } from 'vitest';
import { buildKernel, type BuiltKernel, type KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import { changed } from '../../../testkit/kernel/machine-note.ts';
import { findMemoryMap, type MemoryMap } from './memory-map.ts';

const MIB = 2 ** 20;
/** RAM in the first, the fourth and the fifth section of 128 MiB. */
const HOLES = { moreRam: [{ start: 400 * MIB, size: 200 * MIB }] };

function find(built: BuiltKernel): MemoryMap | undefined {
  const { memory, info, layouts } = built.open();
  const { physical, pageSize } = memory;
  return findMemoryMap(memory, info, layouts, built.memmap.size, (physical.endFrame * physical.pageSize) / pageSize);
}

describe('the memory map', () => {
  it.each<readonly [string, KernelOptions]>([
    ['tables of tables (EXTREME)', {}],
    ['tables of tables, their entries with page_ext', { memmap: { sectionStruct: 32 } }],
    ['one table', { memmap: { sections: 'static', physicalBits: 40 } }],
    ['struct pages of each section somewhere', { memmap: { vmemmap: false } }],
    ['struct pages of 56 bytes', { pages: { size: 56 } }],
    ['no types, but VMCOREINFO', { types: false }],
    ['five levels', { machine: { x86: { levels: 5 } }, memmap: { physicalBits: 52 } }],
    ['arm64', { machine: { machine: 'aarch64' } }],
    ['arm64 with pages of 16 KiB', { machine: { machine: 'aarch64', arm64: { pageSize: 16384, vaBits: 47 } } }],
    ['arm64 with pages of 64 KiB', { machine: { machine: 'aarch64', arm64: { pageSize: 65536 } } }],
  ])('is read with %s: where the struct page of each frame lies', (_, options) => {
    const built = buildKernel(options);
    const map = find(built);
    const { ram, pageSize } = built.machine.plan;
    for (const { start, size } of ram)
      for (const at of [start, start + size / 2, start + size - pageSize]) {
        const frame = at / pageSize;
        const page = built.memmap.pageOf(frame);
        expect(map?.addressOf(frame)).toBe(page);
        expect(map?.frameOf(page)).toBe(frame);
        expect(map?.frameOf(page + BigInt(built.memmap.size - 1))).toBe(frame);
      }
  });

  it('has a section for each stretch of RAM, and none for holes', () => {
    const built = buildKernel({ machine: HOLES });
    const map = find(built);
    expect(map?.sections.map(({ firstFrame, frames }) => [firstFrame, frames])).toEqual([
      [0, 32_768],
      [98_304, 55_296],
    ]);
    expect(map?.memSections).toHaveLength(3);
    expect(map?.endFrame).toBe((600 * MIB) / 4096);
    expect(map?.addressOf(50_000)).toBeUndefined();
    expect(map?.frameOf(built.memmap.pageOf(0) - 1n)).toBeUndefined();
  });

  it('is flat where the kernel has no sections', () => {
    const built = buildKernel({ memmap: { sections: 'flat' } });
    const map = find(built);
    expect(map?.sections).toEqual([{ firstFrame: 0, frames: 16_384, pages: built.memmap.pageOf(0) }]);
    expect(map?.memSections).toEqual([]);
  });

  it('is found behind a pointer where VMCOREINFO names that (4.15)', () => {
    const built = buildKernel({});
    const { machine } = built;
    const pointer = machine.allocateVirtual(8);
    machine.poke(pointer, 8, machine.symbols.get('mem_section') ?? 0n);
    built.note = changed(built.note, 'SYMBOL(mem_section)', pointer.toString(16));
    expect(find(built)?.addressOf(100)).toBe(built.memmap.pageOf(100));
  });

  it('is read in chunks, in the order of frames, that cover every frame once', () => {
    for (const size of [56, 64] as const) {
      const built = buildKernel({ machine: HOLES, pages: { size } });
      const frames: number[] = [];
      for (const { firstFrame, frames: count, bytes, missing } of find(built)?.chunks() ?? []) {
        expect(bytes).toHaveLength(count * size);
        expect(missing).toEqual([]);
        expect(firstFrame % 2).toBe(0);
        frames.push(firstFrame, firstFrame + count);
      }
      expect(frames[0]).toBe(0);
      expect(frames.at(-1)).toBe((600 * MIB) / 4096);
      expect(frames.filter((at, i) => i % 2 === 1 && frames[i + 1] !== at && i + 1 < frames.length)).toEqual([32_768]);
    }
  });

  it('tells which frames it has no struct page of', () => {
    const built = buildKernel({ pages: { size: 56 } });
    built.machine.physical.take(built.memmap.physicalOf(0) + 8192, 4096);
    const missing = [...(find(built)?.chunks() ?? [])].flatMap((chunk) => chunk.missing);
    // Struct pages that lie partly on the page that is missing.
    expect(missing).toEqual([{ from: Math.floor(8192 / 56), frames: Math.ceil(12_288 / 56) - Math.floor(8192 / 56) }]);
  });

  it.each(['0', '1', '4096', '999999999999999'])(
    'is not looked for without end where VMCOREINFO is damaged: a number of %s',
    (value) => {
      const keys = [
        'LENGTH(mem_section)',
        'SIZE(mem_section)',
        'OFFSET(mem_section.section_mem_map)',
        'NUMBER(SECTION_SIZE_BITS)',
        'NUMBER(MAX_PHYSMEM_BITS)',
      ];
      const start = performance.now();
      for (const types of [true, false])
        for (const key of keys) {
          const built = buildKernel({ types });
          built.note = changed(built.note, key, value);
          expect(find(built)?.endFrame ?? 0).toBeLessThanOrEqual(16_384);
        }
      expect(performance.now() - start).toBeLessThan(10_000);
    },
  );

  it('is not looked for without end where several numbers are damaged at once', () => {
    const built = buildKernel({ types: false });
    for (const key of ['LENGTH(mem_section)', 'SIZE(mem_section)', 'NUMBER(MAX_PHYSMEM_BITS)'])
      built.note = changed(built.note, key, '999999999999999');
    expect(find(built)).toBeUndefined();
  });

  it('is not there where the tables are not in the dump', () => {
    const built = buildKernel({});
    built.machine.physical.take(built.machine.physicalOf(built.machine.symbols.get('mem_section') ?? 0n), 16_384);
    expect(find(built)).toBeUndefined();
  });
});
