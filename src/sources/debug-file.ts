import { inflateSync, zstdDecompressSync } from 'node:zlib';
import type { ByteSource } from '../base/byte-source.ts';
import { FormatError, type Parsed, type Problem } from '../base/errors.ts';
import type { TypeGraph } from '../base/type-graph.ts';
import { type BtfGraph, openBtf } from '../formats/btf/btf.ts';
import { openDwarf } from '../formats/dwarf/dwarf.ts';
import { ET_CORE, type ElfHeader, readElfHeader } from '../formats/elf/header.ts';
import {
  type ElfSection,
  readBuildId,
  readSection,
  readSections,
  type SectionCodecs,
  sectionNamed,
  sectionSource,
} from '../formats/elf/sections.ts';
import { readElfSymbols } from '../formats/elf/symbol-table.ts';
import type { SymbolColumns } from '../formats/symbols/symbol-columns.ts';
import { isSymbolText, parseSymbolText } from '../formats/symbols/symbol-text.ts';
import { contentKind, HEAD_BYTES } from './content-kind.ts';
import { InputError } from './input-error.ts';
import { explainSystem } from './local-file.ts';
import { FileSource } from './vmcore/file-source.ts';

/** What `--symbols FILE` names: something that knows symbols of a kernel, its types, or both. */
export interface DebugFile {
  /** As the user wrote it. */
  readonly file: string;
  readonly kind: 'elf' | 'symbol-text' | 'btf';
  /** Of an ELF file, in hex: VMCOREINFO has that of the kernel that crashed. */
  readonly buildId?: string;
  /** As they stand in the file; the kernel may have been moved since. Undefined where it has none. */
  symbols(): Parsed<SymbolColumns> | undefined;
  /**
   * BTF, else DWARF, which takes a second to open; undefined where it has neither. `base` are the types of the kernel that
   * those of a module build upon.
   */
  types(base?: BtfGraph): Parsed<TypeGraph> | undefined;
  close(): void;
}

/** /proc/kallsyms of a large kernel has 20 MB, its BTF 10. */
const MOST_IN_MEMORY = 512 * 1024 * 1024;
const ET_REL = 1;

/**
 * Opens a vmlinux or its separate debug file, a System.map, a saved /proc/kallsyms, or BTF as /sys/kernel/btf has it; the
 * kind is told from content. Throws InputError for what is none of these, with what to do in the same line.
 */
export function openDebugFile(file: string): DebugFile {
  const source = openSource(file);
  try {
    return openKind(source, file);
  } catch (cause) {
    source.close();
    throw cause;
  }
}

function openSource(file: string): FileSource {
  try {
    return new FileSource(file);
  } catch (cause) {
    throw new InputError(file, explainSystem(cause), EXPECTED, { cause });
  }
}

const EXPECTED = 'give a vmlinux, System.map, saved /proc/kallsyms or BTF';

function openKind(source: FileSource, file: string): DebugFile {
  const head = new Uint8Array(HEAD_BYTES);
  const bytes = head.subarray(0, source.read(0, head));
  if (bytes.length === 0) throw new InputError(file, source.failure ?? 'is empty', EXPECTED);
  const close = (): void => source.close();
  if (isElf(bytes)) return openElf(source, file);
  if (bytes[0] === 0x9f && bytes[1] === 0xeb) {
    const types = (base?: BtfGraph): Parsed<TypeGraph> => openBtf(readAll(source, file), `BTF of ${file}`, base);
    return { file, kind: 'btf', symbols: () => undefined, types, close };
  }
  if (isSymbolText(bytes)) {
    const symbols = (): Parsed<SymbolColumns> => parseSymbolText(readAll(source, file), file);
    return { file, kind: 'symbol-text', symbols, types: () => undefined, close };
  }
  throw refusal(file, bytes);
}

const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

const UNPACK: Readonly<Record<string, string>> = { gzip: 'gunzip -k', xz: 'unxz -k', zstd: 'unzstd' };

/** What Debian puts in the place of a System.map. */
const PLACEHOLDER = /The real System\.map is in (?:the )?(\S+) package/;

function refusal(file: string, bytes: Uint8Array): InputError {
  const [, real] = PLACEHOLDER.exec(new TextDecoder().decode(bytes)) ?? [];
  if (real !== undefined) {
    return new InputError(file, 'is a placeholder', `the real System.map is in the package ${real}`);
  }
  const content = contentKind(bytes);
  const unpack = content.kind === 'refused' ? content.unpack : UNPACK[content.kind];
  if (unpack !== undefined) {
    const format = content.kind === 'refused' ? content.format : content.kind;
    return new InputError(file, `is packed (${format})`, `unpack it first: ${unpack} ${file}`);
  }
  if (content.kind === 'dump') return new InputError(file, 'is a crash dump', EXPECTED);
  if (isBootImage(bytes)) {
    return new InputError(file, 'is a boot image, which has no symbols', 'give the vmlinux it was made of');
  }
  return new InputError(file, 'is of no kind that has symbols or types', EXPECTED);
}

/** `HdrS` of the x86 boot protocol, or the magic of an arm64 Image (Documentation/arch/arm64/booting.rst). */
const isBootImage = (bytes: Uint8Array): boolean => {
  const at = (offset: number): string => String.fromCharCode(...bytes.subarray(offset, offset + 4));
  return at(0x202) === 'HdrS' || at(56) === 'ARM\u0064';
};

/** Files of /proc and /sys claim sizes that are not theirs. */
function readAll(source: FileSource, file: string): Uint8Array {
  let bytes = new Uint8Array(Math.min(MOST_IN_MEMORY, Math.max(source.size, 1 << 20) + 1));
  let length = 0;
  for (;;) {
    const got = source.read(length, bytes.subarray(length));
    length += got;
    if (got === 0 || length < bytes.length) break;
    if (length >= MOST_IN_MEMORY)
      throw new InputError(file, 'has more than 512 MiB, which none of these has', EXPECTED);
    const larger = new Uint8Array(Math.min(MOST_IN_MEMORY, length * 2));
    larger.set(bytes);
    bytes = larger;
  }
  return bytes.subarray(0, length);
}

const codecs: SectionCodecs = {
  zlib: (from, to) => unpackInto(inflateSync, from, to),
  zstd: (from, to) => unpackInto(zstdDecompressSync, from, to),
};

function unpackInto(
  unpack: (from: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
): number {
  try {
    const made = unpack(from, { maxOutputLength: to.length });
    to.set(made);
    return made.length;
  } catch {
    return -1;
  }
}

function openElf(source: FileSource, file: string): DebugFile {
  const header = readElfHeader(source);
  if (header.type === ET_CORE) throw new InputError(file, 'is a crash dump', EXPECTED);
  const { value: sections, problems } = readSections(source, header);
  const buildId = readBuildId(source, sections);
  return {
    file,
    kind: 'elf',
    ...(buildId === undefined ? {} : { buildId }),
    symbols() {
      const value = readElfSymbols(source, sections, codecs);
      return value && { value, problems };
    },
    types(base) {
      const types = readTypes(source, header, sections, base);
      return types && { value: types.value, problems: [...problems, ...types.problems] };
    },
    close: () => source.close(),
  };
}

function readTypes(
  source: ByteSource,
  header: ElfHeader,
  sections: readonly ElfSection[],
  base: BtfGraph | undefined,
): Parsed<TypeGraph> | undefined {
  const btf = sectionNamed(sections, '.BTF');
  if (btf) return openBtf(readSection(source, btf, codecs), `BTF of ${source.name}`, base);
  const info = sectionNamed(sections, '.debug_info');
  if (!info) return undefined;
  const at = { kind: 'bytes', file: source.name, offset: info.offset, length: info.size } as const;
  if (header.type === ET_REL) throw new FormatError('DWARF', 'an object file that is not linked; give a vmlinux', at);
  const content = (name: string): Uint8Array => {
    const section = sectionNamed(sections, name);
    return section ? readSection(source, section, codecs) : new Uint8Array(0);
  };
  const { value, problems } = openDwarf(
    {
      info: sectionSource(source, info, codecs),
      abbreviations: content('.debug_abbrev'),
      strings: content('.debug_str'),
      lineStrings: content('.debug_line_str'),
      stringOffsets: content('.debug_str_offsets'),
    },
    `DWARF of ${source.name}`,
  );
  const elsewhere = 'parts of its DWARF lie in another file (dwz), which is not read';
  const moved: readonly Problem[] = sectionNamed(sections, '.gnu_debugaltlink') ? [{ problem: elsewhere, at }] : [];
  return { value, problems: [...problems, ...moved] };
}
