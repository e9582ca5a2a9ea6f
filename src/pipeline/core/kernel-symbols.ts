import { FormatError, type Problem } from '../../base/errors.ts';
import { decodeKallsyms } from '../../formats/kallsyms/kallsyms.ts';
import { placesOfKallsyms } from '../../formats/kallsyms/places.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { FoundKernel } from '../../model/memory/find-kernel.ts';
import { symbolTable, type SymbolTable } from '../../model/symbols/symbol-table.ts';

/** Symbols: of a file that was given, else the kernel's own, which a dump holds since 6.0. */
export function readSymbols(
  { memory }: FoundKernel,
  info: VmcoreInfo,
  file: string,
  _given: readonly string[],
  problems: Problem[],
): SymbolTable {
  const known = [...info.symbols].map(([name, address]) => ({ name, address }));
  const places = placesOfKallsyms((name) => info.symbols.get(name));
  try {
    if (places) {
      const decoded = decodeKallsyms((address, length) => memory.tryRead(address, length), places, known);
      problems.push(...decoded.problems);
      return symbolTable(decoded.value, 'kallsyms of the dump');
    }
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    problems.push({ problem: cause.message, at: cause.at });
  }
  throw new FormatError('vmcore', 'no symbols', { kind: 'bytes', file, offset: 0, length: 0 });
}
