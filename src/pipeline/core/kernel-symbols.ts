import { FormatError, type Problem } from '../../base/errors.ts';
import { findKallsyms, imageFrom } from '../../formats/kallsyms/find-kallsyms.ts';
import { decodeKallsyms } from '../../formats/kallsyms/kallsyms.ts';
import { placesOfKallsyms } from '../../formats/kallsyms/places.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { AddressSpace } from '../../model/memory/address-space.ts';
import { lacking, noSymbols, symbolTable, type SymbolTable } from '../../model/symbols/symbol-table.ts';
import type { GivenFiles } from './given-files.ts';

/** Without it the kernel was built without CONFIG_KALLSYMS_ALL, and its table has functions only. */
const A_DATA_SYMBOL = 'init_task';

/**
 * The symbols of a kernel: its own kallsyms out of the dump, where VMCOREINFO (6.0) or a search through its image leads to
 * them. What those lack is looked up in the files given. An empty table, and a problem, where there is nothing.
 */
export function readSymbols(
  memory: AddressSpace,
  info: VmcoreInfo,
  file: string,
  given: GivenFiles,
  problems: Problem[],
): SymbolTable {
  const own = ownSymbols(memory, info, problems);
  if (own?.find(A_DATA_SYMBOL) !== undefined) return own;
  const others = given.symbols(info);
  if (own && others) return lacking(own, others);
  const table = own ?? others ?? noSymbols;
  if (others) return table;
  const problem = own
    ? 'its kallsyms have functions only (no CONFIG_KALLSYMS_ALL): give --symbols with its System.map or vmlinux'
    : 'it holds no symbols: give --symbols with its System.map, vmlinux or saved /proc/kallsyms';
  problems.push({ problem, at: { kind: 'bytes', file, offset: 0, length: 0 } });
  return table;
}

function ownSymbols(memory: AddressSpace, info: VmcoreInfo, problems: Problem[]): SymbolTable | undefined {
  const known = [...info.symbols].map(([name, address]) => ({ name, address }));
  const read = (address: bigint, length: number): Uint8Array | undefined => memory.tryRead(address, length);
  const places = placesOfKallsyms((name) => info.symbols.get(name));
  try {
    const stext = info.symbols.get('_stext');
    const found = places
      ? decodeKallsyms(read, places, known)
      : stext === undefined
        ? undefined
        : findKallsyms(read, imageFrom(stext), known);
    if (!found) return undefined;
    problems.push(...found.problems);
    return symbolTable(found.value, places ? 'kallsyms of the dump' : 'kallsyms of the dump, found by searching');
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    problems.push({ problem: `its kallsyms cannot be read: ${cause.message}`, at: cause.at });
    return undefined;
  }
}
