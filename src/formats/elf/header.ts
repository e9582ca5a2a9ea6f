import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';

/** The part of Elf64_Ehdr that says where the rest is. Offsets and sizes in bytes. */
export interface ElfHeader {
  /** ET_REL 1, ET_EXEC 2, ET_DYN 3, ET_CORE 4. */
  readonly type: number;
  /** EM_X86_64 62, EM_AARCH64 183. */
  readonly machine: number;
  readonly flags: number;
  readonly programHeaders: { readonly offset: number; readonly entrySize: number; readonly count: number };
  readonly sectionHeaders: { readonly offset: number; readonly entrySize: number; readonly count: number };
  /** Index of the section that holds the names of sections. */
  readonly namesSection: number;
}

export const ET_CORE = 4;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;

/** Bytes of Elf64_Ehdr. */
export const ELF_HEADER_BYTES = 64;
/** Bytes of Elf64_Shdr. */
const SECTION_HEADER_BYTES = 64;
const PN_XNUM = 0xffff;
const SHN_XINDEX = 0xffff;

/**
 * Reads the first 64 bytes of an ELF file (elf(5), Elf64_Ehdr). Counts are as the header states them: PN_XNUM and a
 * count of 0 sections mean that section 0 has the number, see `readElfHeader`. Throws FormatError for what is no 64-bit
 * little-endian ELF file.
 */
export function parseElfHeader(bytes: Uint8Array, name: string): ElfHeader {
  const refuse = (problem: string, offset: number, length: number): FormatError =>
    new FormatError('ELF', problem, { kind: 'bytes', file: name, offset, length });
  if (bytes.length < 20 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    throw refuse('does not begin with \\x7fELF; give a vmcore or vmlinux', 0, 4);
  if (bytes[4] === 1) throw refuse('a 32-bit file; only 64-bit kernels are read, use crash for this one', 4, 1);
  if (bytes[5] === 2) throw refuse('a big-endian file; only x86-64 and arm64 are read, use crash for this one', 5, 1);
  if (bytes[4] !== 2 || bytes[5] !== 1) throw refuse('unknown class or byte order: damaged; copy it again', 4, 2);
  if (bytes.length < ELF_HEADER_BYTES) throw refuse('ends inside its header; copy the file again', 0, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, ELF_HEADER_BYTES);
  return {
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    programHeaders: {
      offset: Number(view.getBigUint64(32, true)),
      entrySize: view.getUint16(54, true),
      count: view.getUint16(56, true),
    },
    sectionHeaders: {
      offset: Number(view.getBigUint64(40, true)),
      entrySize: view.getUint16(58, true),
      count: view.getUint16(60, true),
    },
    flags: view.getUint32(48, true),
    namesSection: view.getUint16(62, true),
  };
}

/**
 * The header of a file, with extended numbering resolved: where a count does not fit in 16 bits, section 0 has it
 * (sh_info: program headers, sh_size: sections, sh_link: names).
 */
export function readElfHeader(source: ByteSource): ElfHeader {
  const bytes = new Uint8Array(ELF_HEADER_BYTES);
  const header = parseElfHeader(bytes.subarray(0, source.read(0, bytes)), source.name);
  const { programHeaders, sectionHeaders } = header;
  const extended =
    programHeaders.count === PN_XNUM ||
    header.namesSection === SHN_XINDEX ||
    (sectionHeaders.count === 0 && sectionHeaders.offset > 0);
  if (!extended) return header;
  const section = new Uint8Array(SECTION_HEADER_BYTES);
  if (source.read(sectionHeaders.offset, section) < SECTION_HEADER_BYTES) {
    // Some writers leave e_shoff without sections; only a count that is needed is missed.
    if (programHeaders.count !== PN_XNUM) return header;
    throw new FormatError('ELF', 'ends before section 0, which has the number of program headers; copy it again', {
      kind: 'bytes',
      file: source.name,
      offset: sectionHeaders.offset,
      length: SECTION_HEADER_BYTES,
    });
  }
  const view = new DataView(section.buffer);
  return {
    ...header,
    programHeaders: {
      ...programHeaders,
      count: programHeaders.count === PN_XNUM ? view.getUint32(44, true) : programHeaders.count,
    },
    sectionHeaders: {
      ...sectionHeaders,
      count: sectionHeaders.count === 0 ? Number(view.getBigUint64(32, true)) : sectionHeaders.count,
    },
    namesSection: header.namesSection === SHN_XINDEX ? view.getUint32(40, true) : header.namesSection,
  };
}
