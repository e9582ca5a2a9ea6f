import type { ByteSource } from '../../base/byte-source.ts';
import type { SymbolColumns } from '../symbols/symbol-columns.ts';
import { SymbolWriter } from '../symbols/symbol-writer.ts';
import {
  type ElfSection,
  readSection,
  type SectionCodecs,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHT_NOBITS,
  SHT_SYMTAB,
} from './sections.ts';

/** Elf64_Sym: st_name u32, st_info u8, st_other u8, st_shndx u16, st_value u64, st_size u64. */
const ENTRY_BYTES = 24;
const STT_SECTION = 3;
const STT_FILE = 4;
const STB_LOCAL = 0;
const STB_WEAK = 2;
const SHN_ABS = 0xfff1;
const DOLLAR = 0x24;

/**
 * The symbols that .symtab defines, as nm(1) letters them; undefined where the file has no symbol table. Names of sections
 * and files, and the marks of arm64 between code and data (`$x`, `$d`), are left out.
 */
export function readElfSymbols(
  source: ByteSource,
  sections: readonly ElfSection[],
  codecs: SectionCodecs,
): SymbolColumns | undefined {
  const table = sections.find(({ type, size }) => type === SHT_SYMTAB && size > 0);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return undefined;
  const names = readSection(source, strings, codecs);
  const bytes = readSection(source, table, codecs);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const letters = sections.map(letterOf);
  const writer = new SymbolWriter();
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const name = view.getUint32(at, true);
    const info = view.getUint8(at + 4);
    const index = view.getUint16(at + 6, true);
    const type = info & 0xf;
    const end = names.indexOf(0, name);
    if (index === 0 || type === STT_SECTION || type === STT_FILE) continue;
    if (end <= name || names[name] === DOLLAR) continue;
    const letter = index === SHN_ABS ? 'a' : (letters[index] ?? 'a');
    writer.add(view.getBigUint64(at + 8, true), spelled(letter, info >>> 4), names, name, end);
  }
  return writer.finish();
}

function letterOf({ type, flags }: ElfSection): string {
  if (flags & SHF_EXECINSTR) return 't';
  if (type === SHT_NOBITS) return 'b';
  return flags & SHF_WRITE ? 'd' : 'r';
}

const spelled = (letter: string, binding: number): number =>
  (binding === STB_WEAK ? 'W' : binding === STB_LOCAL ? letter : letter.toUpperCase()).charCodeAt(0);
