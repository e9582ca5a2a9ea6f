import { inflateSync, zstdDecompressSync } from 'node:zlib';
import type { TypeGraph } from '../src/base/type-graph.ts';
import { openDwarf } from '../src/formats/dwarf/dwarf.ts';
import { readElfHeader } from '../src/formats/elf/header.ts';
import {
  readSection,
  readSections,
  sectionNamed,
  sectionSource,
  type SectionCodecs,
} from '../src/formats/elf/sections.ts';
import { FileSource } from '../src/sources/vmcore/file-source.ts';

const unpackInto =
  (unpack: (from: Uint8Array) => Uint8Array): SectionCodecs['zlib'] =>
  (from, to) => {
    const made = unpack(from);
    to.set(made);
    return made.length;
  };
const codecs: SectionCodecs = { zlib: unpackInto(inflateSync), zstd: unpackInto(zstdDecompressSync) };

/** The DWARF of a vmlinux, though it has BTF too: DWARF knows the types of variables, and is what answers are held against. */
export function dwarfOf(file: string): TypeGraph {
  const source = new FileSource(file);
  const { value: sections } = readSections(source, readElfHeader(source));
  const info = sectionNamed(sections, '.debug_info');
  if (!info) throw new Error(`${file} has no DWARF`);
  const content = (name: string): Uint8Array => {
    const section = sectionNamed(sections, name);
    return section ? readSection(source, section, codecs) : new Uint8Array(0);
  };
  return openDwarf(
    {
      info: sectionSource(source, info, codecs),
      abbreviations: content('.debug_abbrev'),
      strings: content('.debug_str'),
      lineStrings: content('.debug_line_str'),
      stringOffsets: content('.debug_str_offsets'),
    },
    `DWARF of ${file}`,
  ).value;
}
