import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arm64Shape, PageTableWriter, type TableShape, x86Shape } from '../../../testkit/kernel/page-table-writer.ts';
import { SparseMemory } from '../../../testkit/kernel/sparse-memory.ts';
import { arm64Tables } from './arm64.ts';
import type { Mapping } from './kernel-memory.ts';
import { PageTables, type TableFormat } from './translation.ts';
import { x86Tables } from './x86-64.ts';

const GIB = 2 ** 30;
const RUNS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 100);

const MACHINES: readonly (readonly [string, TableShape, TableFormat])[] = [
  ['x86-64, 4 levels', x86Shape(4), x86Tables(4)],
  ['x86-64, 5 levels', x86Shape(5), x86Tables(5)],
  ['x86-64 with encryption', x86Shape(5, 1n << 51n), x86Tables(5, 1n << 51n)],
  ...([39, 48, 52] as const).map((bits) => armWith(4096, bits)),
  ...([36, 47, 48, 52] as const).map((bits) => armWith(16384, bits)),
  ...([42, 48, 52] as const).map((bits) => armWith(65536, bits)),
];

function armWith(pageSize: number, bits: number): readonly [string, TableShape, TableFormat] {
  return [`arm64, ${pageSize / 1024} KiB pages, ${bits} bits`, arm64Shape(pageSize, bits), arm64Tables(pageSize, bits)];
}

/** Empty tables in memory of their own; `map` maps, `tables` reads them. */
function tablesOf(
  shape: TableShape,
  format: TableFormat,
): { readonly memory: SparseMemory; readonly writer: PageTableWriter; readonly tables: PageTables } {
  const memory = new SparseMemory([{ start: 0, size: GIB }]);
  let next = 0x100000;
  const writer = new PageTableWriter(memory, 0x10000, shape, (bytes) => (next += 2 ** 16) - bytes);
  return { memory, writer, tables: new PageTables(memory, 0x10000, format) };
}

/** The lowest address that the tables translate. */
const half = ({ addressBits }: TableShape): bigint => 2n ** 64n - 2n ** BigInt(addressBits);

describe.each(MACHINES)('page tables of %s', (_, shape, format) => {
  const page = 2 ** shape.pageShift;
  const block = (level: number): number => 2 ** (shape.pageShift + level * (shape.pageShift - 3));

  it('translate pages at both ends of what they reach, and nothing beside them', () => {
    const { writer, tables } = tablesOf(shape, format);
    const ends = [half(shape), 2n ** 64n - BigInt(page)];
    for (const [i, at] of ends.entries()) writer.map(at, (i + 1) * page, page);
    for (const [i, at] of ends.entries()) {
      expect(tables.translate(at)).toBe((i + 1) * page);
      expect(tables.translate(at + BigInt(page - 1))).toBe((i + 2) * page - 1);
    }
    expect(tables.translate(half(shape) + BigInt(page))).toBeUndefined();
    expect(tables.translate(2n ** 64n - BigInt(2 * page))).toBeUndefined();
    // What is not of the kernel's half is no address of it, though its lower bits are.
    expect(tables.translate(0n)).toBeUndefined();
    expect(tables.translate(half(shape) - 2n ** BigInt(shape.addressBits))).toBeUndefined();
  });

  it('translate blocks of every size, and say how large they are', () => {
    const { memory, writer, tables } = tablesOf(shape, format);
    const physical = 8 * block(shape.highestBlock);
    const blocks = Array.from({ length: shape.highestBlock + 1 }, (_, level): Mapping => {
      const virtual = half(shape) + BigInt(level * block(shape.highestBlock));
      return { virtual, physical, size: block(level) };
    });
    for (const { virtual, size } of blocks) writer.map(virtual, physical, size);
    for (const { virtual, size } of blocks)
      for (const offset of [0, Math.floor(size / 3), size - 1])
        expect(tables.translate(virtual + BigInt(offset))).toBe(physical + offset);
    const found = [...new PageTables(memory, 0x10000, format).mappings(half(shape), 2n ** 64n)];
    expect(found).toEqual(blocks);
  });

  it('list what lies between two addresses, in order', () => {
    const { memory, writer } = tablesOf(shape, format);
    const start = half(shape) + 2n ** BigInt(shape.addressBits - 2);
    const at = (i: number): bigint => start + BigInt(i * 3 * page);
    for (let i = 0; i < 50; i++) writer.map(at(i), (100 - i) * page, page);
    const tables = new PageTables(memory, 0x10000, format);
    const found = [...tables.mappings(at(10), at(20))];
    expect(found).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ virtual: at(10 + i), physical: (90 - i) * page, size: page })),
    );
    expect(tables.tables.size).toBeGreaterThan(1);
  });

  it('have nothing where a table is not in the dump', () => {
    const { memory, writer } = tablesOf(shape, format);
    const at = half(shape);
    writer.map(at, page, page);
    const entry = writer.entryOf(at, 0);
    memory.take(entry, 8);
    const tables = new PageTables(memory, 0x10000, format);
    expect(tables.translate(at)).toBeUndefined();
    expect([...tables.mappings(at, at + 2n ** 20n)]).toEqual([]);
  });

  it(`end, whatever stands in them (${RUNS} tries)`, () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 64, maxLength: 64 }), (words) => {
        const memory = new SparseMemory([{ start: 0, size: 2 ** 22 }]);
        // Every entry leads to one of a few tables, each of which is full of the like.
        for (let at = 0; at < 2 ** 17; at += 8) {
          const word = words[(at / 8) % 64] ?? 0n;
          const near = (word & ~0xffffffffff000n) | BigInt((Number(word >> 12n) % 2 ** 5) * 4096);
          memory.poke(at, 8, at % 64 === 0 ? word : near);
        }
        const tables = new PageTables(memory, 0, format);
        let found = 0;
        for (const mapping of tables.mappings(half(shape), 2n ** 64n)) if (mapping.size > 0) found++;
        expect(found).toBeLessThan(2 ** 15);
        expect(tables.translate(half(shape))).toSatisfy((n) => n === undefined || typeof n === 'number');
      }),
      { numRuns: Math.ceil(RUNS / 20), seed: 20_261_126 },
    );
  });
});
