import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync, zstdDecompressSync } from 'node:zlib';
import type { ByteSource } from '../../src/base/byte-source.ts';
import type { TypeGraph, TypeId } from '../../src/base/type-graph.ts';
import type { DwarfSections } from '../../src/formats/dwarf/sections.ts';
import { readElfHeader } from '../../src/formats/elf/header.ts';
import {
  bytesSource,
  readSection,
  readSections,
  type SectionCodecs,
  sectionNamed,
  sectionSource,
} from '../../src/formats/elf/sections.ts';
import { sizeOfType, strip } from '../../src/model/layouts/type-ref.ts';

export const typesFixture = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../fixtures/types', path)));

export const sectionCodecs: SectionCodecs = {
  zlib: (from, to) => into(inflateSync(from), to),
  zstd: (from, to) => into(zstdDecompressSync(from), to),
};

function into(from: Uint8Array, to: Uint8Array): number {
  to.set(from.subarray(0, to.length));
  return from.length;
}

/** The sections that types are read from, of an ELF file. */
export const dwarfSections = (bytes: Uint8Array, name: string): DwarfSections =>
  dwarfSectionsOf(bytesSource(name, bytes));

export function dwarfSectionsOf(source: ByteSource): DwarfSections {
  const sections = readSections(source, readElfHeader(source)).value;
  const content = (section: string): Uint8Array => {
    const found = sectionNamed(sections, section);
    return found ? readSection(source, found, sectionCodecs) : new Uint8Array(0);
  };
  const info = sectionNamed(sections, '.debug_info');
  return {
    info: info ? sectionSource(source, info, sectionCodecs) : bytesSource(source.name, new Uint8Array(0)),
    abbreviations: content('.debug_abbrev'),
    strings: content('.debug_str'),
    lineStrings: content('.debug_line_str'),
    stringOffsets: content('.debug_str_offsets'),
  };
}

/** A struct in words, one a member, nameless ones unfolded: for comparing graphs of different formats. */
export function describeStruct(graph: TypeGraph, id: TypeId, depth = 0): readonly string[] {
  const node = graph.node(strip({ graph, id }).id);
  if (node.kind !== 'struct' && node.kind !== 'union') return [node.kind];
  const members = node.members.flatMap(({ name, bitOffset, bitSize, type }) => {
    const of = graph.node(strip({ graph, id: type }).id);
    const bits = bitSize === undefined ? '' : `:${bitSize}`;
    const encoding = of.kind === 'int' ? ` ${of.encoding}` : '';
    const line = `${name}@${bitOffset}${bits} ${of.kind}${encoding} ${sizeOfType({ graph, id: type }) ?? '-'}`;
    const isNameless = 'name' in of && of.name === '' && depth < 8;
    return isNameless ? [line, ...describeStruct(graph, type, depth + 1)] : [line];
  });
  return [`${node.kind} ${node.size}`, ...members];
}
