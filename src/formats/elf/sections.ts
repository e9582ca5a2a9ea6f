import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import { nameAt } from '../../base/name-hash.ts';
import type { PageCodecs } from '../compression/page-codec.ts';
import type { ElfHeader } from './header.ts';
import { parseNotes } from './notes.ts';

/** Elf64_Shdr. Offsets and sizes in bytes. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  /** Of a symbol table: the section of its names. */
  readonly link: number;
}

export const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHF_WRITE = 1;
export const SHF_EXECINSTR = 4;
const SHF_COMPRESSED = 0x800;

const ENTRY_BYTES = 64;
/** Kernels built with a section for each function have 60,000. */
const MOST_SECTIONS = 1 << 20;
const MOST_NAME_BYTES = 64 * 1024 * 1024;

/** Elf64_Chdr: ch_type, reserved u32, ch_size, ch_addralign u64. */
const COMPRESSION_HEADER = 24;
const ELFCOMPRESS_ZLIB = 1;
const ELFCOMPRESS_ZSTD = 2;
/** What a section may unpack to: the DWARF of the largest kernels takes a third of it. */
const MOST_UNPACKED = 2 ** 31;
/** What is worth reading into memory at once; contents that are larger are read by ranges. */
const MOST_READ = 2 ** 31;

export type SectionCodecs = Pick<PageCodecs, 'zlib' | 'zstd'>;

const refuse = (source: ByteSource, problem: string, offset: number, length: number): FormatError =>
  new FormatError('ELF', problem, { kind: 'bytes', file: source.name, offset, length });

/** The section headers, in the order of the file. Those that the file is too short for are left out, as a problem. */
export function readSections(source: ByteSource, header: ElfHeader): Parsed<readonly ElfSection[]> {
  const { offset, entrySize, count } = header.sectionHeaders;
  if (count === 0) return { value: [], problems: [] };
  if (entrySize < ENTRY_BYTES) throw refuse(source, `section headers of ${entrySize} bytes; damaged`, 58, 2);
  const held = Math.max(0, Math.floor((source.size - offset) / entrySize));
  const bytes = new Uint8Array(Math.min(count, held, MOST_SECTIONS) * entrySize);
  const got = Math.floor(source.read(offset, bytes) / entrySize);
  const problems: Problem[] = [];
  if (got < count) {
    const at = { kind: 'bytes', file: source.name, offset, length: entrySize * count } as const;
    problems.push({ problem: `ends after ${got} of ${count} section headers`, at });
  }
  const view = new DataView(bytes.buffer);
  const named = Array.from({ length: got }, (_, i) => decode(view, i * entrySize));
  const strings = named[header.namesSection];
  const names = strings ? readUpTo(source, strings.section, MOST_NAME_BYTES) : new Uint8Array(0);
  const value = named.map(({ at, section }) => ({ ...section, name: nameAt(names, at) }));
  return { value, problems };
}

function decode(view: DataView, at: number): { readonly at: number; readonly section: Omit<ElfSection, 'name'> } {
  const u64 = (offset: number): number => Number(view.getBigUint64(at + offset, true));
  return {
    at: view.getUint32(at, true),
    section: {
      type: view.getUint32(at + 4, true),
      flags: u64(8),
      address: view.getBigUint64(at + 16, true),
      offset: u64(24),
      size: u64(32),
      link: view.getUint32(at + 40, true),
    },
  };
}

type Extent = Pick<ElfSection, 'offset' | 'size' | 'type'>;

function readUpTo(source: ByteSource, { offset, size, type }: Extent, most: number): Uint8Array {
  const length = type === SHT_NOBITS ? 0 : Math.max(0, Math.min(size, source.size - offset, most));
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, source.read(offset, bytes));
}

export const sectionNamed = (sections: readonly ElfSection[], name: string): ElfSection | undefined =>
  sections.find((section) => section.name === name && section.type !== SHT_NOBITS && section.size > 0);

const isCompressed = ({ flags }: ElfSection): boolean => Math.floor(flags / SHF_COMPRESSED) % 2 === 1;

/** The content of a section, unpacked. One that the file is too short for comes short; one that does not unpack throws. */
export function readSection(source: ByteSource, section: ElfSection, codecs: SectionCodecs): Uint8Array {
  const stored = readUpTo(source, section, MOST_READ);
  return isCompressed(section) ? unpack(source, section, stored, codecs) : stored;
}

/** The content of a section by ranges: nothing is read in advance, unless it is compressed. */
export function sectionSource(source: ByteSource, section: ElfSection, codecs: SectionCodecs): ByteSource {
  const name = `${source.name} ${section.name}`;
  if (isCompressed(section)) return bytesSource(name, readSection(source, section, codecs));
  const size = section.type === SHT_NOBITS ? 0 : Math.max(0, Math.min(section.size, source.size - section.offset));
  return {
    name,
    size,
    read(offset, target) {
      const length = Math.max(0, Math.min(target.length, size - offset));
      return source.read(section.offset + offset, length === target.length ? target : target.subarray(0, length));
    },
  };
}

/** Bytes as a source. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, target) {
      const part = bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + target.length, bytes.length));
      target.set(part);
      return part.length;
    },
  };
}

function unpack(source: ByteSource, section: ElfSection, stored: Uint8Array, codecs: SectionCodecs): Uint8Array {
  const { name, offset } = section;
  if (stored.length < COMPRESSION_HEADER) throw refuse(source, `${name} is cut`, offset, stored.length);
  const view = new DataView(stored.buffer, stored.byteOffset, COMPRESSION_HEADER);
  const kind = view.getUint32(0, true);
  const size = Number(view.getBigUint64(8, true));
  const codec = kind === ELFCOMPRESS_ZLIB ? codecs.zlib : kind === ELFCOMPRESS_ZSTD ? codecs.zstd : undefined;
  if (codec === undefined)
    throw refuse(source, `${name} is compressed in a way (${kind}) that is not known`, offset, 4);
  if (size > MOST_UNPACKED) throw refuse(source, `${name} claims to unpack to ${size} bytes`, offset + 8, 8);
  const unpacked = new Uint8Array(size);
  const packed = stored.subarray(COMPRESSION_HEADER);
  if (codec(packed, unpacked) !== size) throw refuse(source, `${name} does not unpack`, offset, stored.length);
  return unpacked;
}

const NT_GNU_BUILD_ID = 3;
const MOST_NOTE_BYTES = 1024 * 1024;

/** In hex, as VMCOREINFO and file(1) spell it. */
export function readBuildId(source: ByteSource, sections: readonly ElfSection[]): string | undefined {
  for (const section of sections) {
    if (section.type !== SHT_NOTE) continue;
    const notes = parseNotes(readUpTo(source, section, MOST_NOTE_BYTES));
    const note = notes.find(({ name, type }) => name === 'GNU' && type === NT_GNU_BUILD_ID);
    if (note) return Array.from(note.content, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  return undefined;
}
