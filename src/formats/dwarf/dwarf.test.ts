import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../base/errors.ts';
import type { NamedKind, TypeGraph, TypeNode } from '../../base/type-graph.ts';
import { openBtf } from '../btf/btf.ts';
import { bytesSource } from '../elf/sections.ts';
import { describeStruct, dwarfSections, typesFixture } from '../../../testkit/btf/read-types.ts';
import { openDwarf } from './dwarf.ts';
import type { DwarfSections } from './sections.ts';

const FILES = ['gcc12-dwarf2', 'gcc12-dwarf4', 'gcc12-dwarf5', 'gcc12-zlib', 'gcc12-zstd', 'clang14-dwarf5'];
const open = (file: string): TypeGraph => openDwarf(dwarfSections(typesFixture(`dwarf/${file}.elf`), file), file).value;
const named = (graph: TypeGraph, kind: NamedKind, name: string): TypeNode => graph.node(graph.find(kind, name) ?? -1);
const btf = openBtf(typesFixture('btf/kernel.btf'), 'kernel').value;

describe.each(FILES)('DWARF of %s', (file) => {
  const graph = open(file);

  it('has the structs that BTF of the same program has, member by member', () => {
    const structs = ['node', 'list_head', 'elsewhere', 'old_bits', 'only_other'];
    for (const name of structs) {
      const [own, other] = [graph.find('struct', name) ?? -1, btf.find('struct', name) ?? -1];
      expect(describeStruct(graph, own)).toEqual(describeStruct(btf, other));
    }
  });

  it('has bit fields where they lie', () => {
    expect(named(graph, 'struct', 'old_bits')).toMatchObject({
      members: [
        { name: 'a', bitOffset: 0, bitSize: 3 },
        { name: 'b', bitOffset: 8, bitSize: 9 },
        { name: 'c', bitOffset: 17, bitSize: 7 },
        { name: 'd', bitOffset: 24, bitSize: 40 },
        { name: 'e', bitOffset: 64, bitSize: 1 },
        { name: 'f', bitOffset: 65, bitSize: 1 },
      ],
    });
  });

  it('has arrays of several dimensions', () => {
    const table = named(graph, 'variable', 'table');
    const outer = graph.node(table.kind === 'variable' ? table.type : 0);
    expect(outer).toMatchObject({ kind: 'array', count: 4 });
    const inner = graph.node(outer.kind === 'array' ? outer.of : 0);
    expect(inner).toMatchObject({ kind: 'array', count: 5 });
    expect(graph.node(inner.kind === 'array' ? inner.of : 0)).toMatchObject({ kind: 'int', name: 'int' });
  });

  it('finds a definition in another unit where the first only declares it', () => {
    expect(named(graph, 'struct', 'elsewhere')).toMatchObject({
      size: 24,
      members: [{ name: 'list' }, { name: 'when' }],
    });
    expect(graph.find('struct', 'local')).toBeUndefined();
  });

  it('has constants, signed ones too', () => {
    const constants = ['UP', 'FULL', 'WIDE', 'NONE'].map((name) => graph.constant(name));
    expect(constants).toEqual([0n, 70_000n, 1n << 40n, undefined]);
    // clang leaves enums out that no type refers to.
    const nameless = ['NAMELESS_A', 'NAMELESS_B'].map((name) => graph.constant(name));
    expect(nameless).toEqual(file.startsWith('clang') ? [undefined, undefined] : [3n, 0x8000_0000n]);
    expect(graph.constant('DOWN')).toBe(-1n);
    expect(named(graph, 'enum', 'state')).toEqual({
      kind: 'enum',
      name: 'state',
      size: 4,
      values: [
        { name: 'DOWN', value: -1n },
        { name: 'UP', value: 0n },
        { name: 'FULL', value: 70_000n },
      ],
    });
  });

  it('has functions with their parameters', () => {
    const print = named(graph, 'function', 'print');
    const prototype = graph.node(print.kind === 'function' ? print.prototype : 0);
    expect(prototype).toMatchObject({ kind: 'prototype', parameters: [{ name: 'format' }], variadic: true });
    const walk = named(graph, 'function', 'walk');
    expect(graph.node(walk.kind === 'function' ? walk.prototype : 0)).toMatchObject({
      parameters: [{ name: 'node' }, { name: 'count' }],
      variadic: false,
    });
  });

  it('has global variables, also those that a header declared first', () => {
    const first = named(graph, 'variable', 'declared_first');
    const pointer = graph.node(first.kind === 'variable' ? first.type : 0);
    expect(graph.node(pointer.kind === 'pointer' ? pointer.to : 0)).toMatchObject({ kind: 'struct', name: 'node' });
    expect(named(graph, 'variable', 'declared_only')).toMatchObject({ name: 'declared_only' });
  });

  it('lists every definition once', () => {
    const names = [...graph.all('struct')]
      .map((id) => graph.node(id))
      .flatMap((n) => (n.kind === 'struct' ? n.name : []));
    expect(names.filter((name) => !name.startsWith('__')).toSorted()).toEqual([
      'elsewhere',
      'list_head',
      'node',
      'old_bits',
      'only_other',
    ]);
  });

  it('gives `other` for what is no type', () => {
    for (const id of [1, 11, -1, 2 ** 31, 0.5]) expect(graph.node(id)).toEqual({ kind: 'other' });
    expect(graph.node(0)).toEqual({ kind: 'void' });
  });
});

const sections = dwarfSections(typesFixture('dwarf/gcc12-dwarf5.elf'), 'x');
const info = new Uint8Array(sections.info.size);
sections.info.read(0, info);

/** How many names were found in it; everything that they lead to is decoded. */
function readAll(changed: Partial<DwarfSections>): number {
  let graph: TypeGraph;
  try {
    graph = openDwarf({ ...sections, ...changed }, 'x').value;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return 0;
  }
  for (const kind of ['struct', 'union', 'enum', 'typedef', 'int', 'function', 'variable'] as const) {
    for (const id of graph.all(kind)) describeStruct(graph, id);
  }
  graph.constant('UP');
  return graph.count;
}

describe('DWARF that is damaged', () => {
  it('is refused in a line where there is no unit', () => {
    const refused = (bytes: Uint8Array) => () => openDwarf({ ...sections, info: bytesSource('x', bytes) }, 'x');
    expect(refused(new Uint8Array(0))).toThrow('DWARF: .debug_info has no units (x@0x0+0)');
    expect(refused(info.with(4, 9))).toThrow('DWARF: a unit is of version 9, which is not known');
    expect(refused(info.subarray(0, 40))).toThrow('DWARF: a unit runs past the end');
  });

  it('stands .debug_info cut at every byte', () => {
    const whole = readAll({});
    const counts = Array.from(info, (_, end) => readAll({ info: bytesSource('x', info.subarray(0, end)) }));
    expect(Math.max(...counts)).toBeLessThan(whole);
  });

  it('stands the other sections cut', () => {
    const { abbreviations, strings } = sections;
    for (let end = 0; end < abbreviations.length; end += 7) readAll({ abbreviations: abbreviations.subarray(0, end) });
    expect(readAll({ abbreviations: new Uint8Array(0) })).toBe(0);
    expect(readAll({ strings: strings.subarray(0, 40) })).toBeGreaterThan(0);
  });

  const runs = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 500);
  it(
    `stands ${runs} changes of bytes`,
    () => {
      const flips = (length: number) =>
        fc.array(fc.tuple(fc.nat(length - 1), fc.nat(255)), { minLength: 0, maxLength: 8 });
      const drawn = fc.tuple(flips(info.length), flips(sections.abbreviations.length));
      fc.assert(
        fc.property(drawn, ([inInfo, inAbbreviations]) => {
          const changed = Uint8Array.from(info);
          const abbreviations = Uint8Array.from(sections.abbreviations);
          for (const [at, byte] of inInfo) changed[at] = byte;
          for (const [at, byte] of inAbbreviations) abbreviations[at] = byte;
          expect(readAll({ info: bytesSource('x', changed), abbreviations })).toBeLessThan(info.length);
        }),
        { numRuns: runs, seed: 20_261_126 },
      );
    },
    60_000 + runs * 20,
  );
});
