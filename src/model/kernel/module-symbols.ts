import type { SymbolColumns } from '../../formats/symbols/symbol-columns.ts';
import { SymbolWriter } from '../../formats/symbols/symbol-writer.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Walked } from './kernel.ts';
import type { KernelModule, KernelParts } from './modules.ts';

/** Elf64_Sym: st_name u32, st_info u8, st_other u8, st_shndx u16, st_value u64, st_size u64. */
const ENTRY_BYTES = 24;
const SHN_UNDEF = 0;
const STB_GLOBAL = 1;
/** Ten times what the largest drivers have. */
const MOST_SYMBOLS = 500_000;
const MOST_NAME_BYTES = 32 * 1024 * 1024;
/** KSYM_NAME_LEN since 6.1. */
const LONGEST_NAME = 512;

/** Where a module keeps its symbols in memory. */
interface Tables {
  readonly symbols: bigint;
  readonly count: number;
  readonly names: bigint;
  /** nm's letters, one a symbol; before 5.2 (1c7651f43777) st_info holds them. */
  readonly letters?: bigint;
}

/**
 * The symbols of all modules, out of the tables that the kernel keeps for kallsyms: functions and data, undefined ones and
 * the marks of arm64 between code and data left out. Works for modules that have neither BTF nor debug information.
 */
export function moduleSymbols(kernel: KernelParts, modules: readonly KernelModule[]): Walked<SymbolColumns> {
  const writer = new SymbolWriter();
  const problems: string[] = [];
  for (const module of modules) {
    const tables = ifThere(() => tablesOf(viewStruct(kernel.memory, kernel.layouts, 'module', module.address)));
    if (tables === undefined || !writeSymbols(kernel, module, tables, writer)) {
      problems.push(`the symbols of the module ${module.name} cannot be read`);
    }
  }
  return { value: writer.finish(), problems };
}

/** Undefined where the numbers in there cannot be. */
function tablesOf(module: StructView): Tables | undefined {
  // Since 4.5 (8244062ef1e5) in a struct mod_kallsyms, that is read-copy-update: it changes when initialisation is over.
  const tables = module.has('kallsyms') ? module.follow('kallsyms') : module;
  if (tables === undefined) return undefined;
  const count = tables.number('num_symtab');
  if (count < 0 || count > MOST_SYMBOLS) return undefined;
  return {
    symbols: tables.pointer('symtab'),
    count,
    names: tables.pointer('strtab'),
    ...(tables.has('typetab') ? { letters: tables.pointer('typetab') } : {}),
  };
}

/** False where they are not in the dump. */
function writeSymbols({ memory }: KernelParts, module: KernelModule, tables: Tables, writer: SymbolWriter): boolean {
  const symbols = memory.tryRead(tables.symbols, tables.count * ENTRY_BYTES);
  const letters = tables.letters === undefined ? undefined : memory.tryRead(tables.letters, tables.count);
  if (symbols === undefined || (tables.letters !== undefined && letters === undefined)) return false;
  const view = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
  const names = readNames(memory, module, tables, view);
  if (names === undefined) return false;
  for (let i = 0; i < tables.count; i++) {
    const at = i * ENTRY_BYTES;
    const name = view.getUint32(at, true);
    const end = names.indexOf(0, name);
    if (view.getUint16(at + 6, true) === SHN_UNDEF || end <= name || isMark(names, name)) continue;
    const info = view.getUint8(at + 4);
    const letter = letters?.[i] ?? info;
    const isGlobal = letters !== undefined && info >> 4 === STB_GLOBAL;
    writer.add(view.getBigUint64(at + 8, true), isGlobal ? upper(letter) : letter, names, name, end, module.name);
  }
  return true;
}

/** Nothing says how long the names are: to the end of the last one that is referred to, within the module's memory. */
function readNames(
  memory: KernelParts['memory'],
  { extents }: KernelModule,
  { names, count }: Tables,
  symbols: DataView,
): Uint8Array | undefined {
  let last = 0;
  for (let i = 0; i < count; i++) last = Math.max(last, symbols.getUint32(i * ENTRY_BYTES, true));
  const extent = extents.find(({ start, size }) => names >= start && names - start < size);
  const room = extent === undefined ? MOST_NAME_BYTES : Number(extent.start + BigInt(extent.size) - names);
  return memory.tryRead(names, Math.min(last + LONGEST_NAME, room, MOST_NAME_BYTES)) ?? memory.tryRead(names, last + 1);
}

/** `$x`, `$d`, `.L…`: what compilers leave behind. */
function isMark(names: Uint8Array, at: number): boolean {
  const [first, second] = [names[at], names[at + 1]];
  return first === 0x24 || (first === 0x2e && second === 0x4c);
}

const upper = (letter: number): number => (letter >= 0x61 && letter <= 0x7a ? letter - 0x20 : letter);
