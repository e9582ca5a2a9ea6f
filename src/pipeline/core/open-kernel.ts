import type { Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { decodeKallsyms } from '../../formats/kallsyms/kallsyms.ts';
import { placesOfKallsyms } from '../../formats/kallsyms/places.ts';
import { parseVmcoreInfo, type VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { Layouts } from '../../model/layouts/layouts.ts';
import type { AddressSpace } from '../../model/memory/address-space.ts';
import { findKernel } from '../../model/memory/find-kernel.ts';
import { symbolTable, type SymbolTable } from '../../model/symbols/symbol-table.ts';
import type { Dump } from '../../sources/vmcore/dump.ts';
import { openDump } from '../../sources/vmcore/open-dump.ts';

/** An open dump and the kernel in it. */
export interface OpenedDump {
  readonly dump: Dump;
  readonly kernel: Kernel;
}

export function openKernel(paths: readonly string[]): OpenedDump {
  const dump = openDump(paths);
  const file = dump.files[0] ?? '';
  const { value: info } = parseVmcoreInfo(dump.vmcoreinfo ?? '', file);
  const found = findKernel({ ...dump, info, file });
  if (!found) throw new FormatError('vmcore', 'no kernel was found', { kind: 'bytes', file, offset: 0, length: 0 });
  const problems: Problem[] = [...dump.problems, ...found.problems];
  const symbols = readSymbols(found.memory, info);
  const layouts = readTypes(found.memory, symbols);
  return {
    dump,
    kernel: {
      file,
      machine: found.machine,
      release: info.release ?? '',
      info,
      memory: found.memory,
      symbols,
      layouts,
      problems,
      ...(found.directMap ? { directMap: found.directMap } : {}),
    },
  };
}

function readSymbols(memory: AddressSpace, info: VmcoreInfo): SymbolTable {
  const places = placesOfKallsyms((n) => info.symbols.get(n));
  if (!places) throw new Error('no kallsyms');
  const known = [...info.symbols].map(([name, address]) => ({ name, address }));
  const { value } = decodeKallsyms((a, l) => memory.tryRead(a, l), places, known);
  return symbolTable(value, 'kallsyms of the dump');
}

function readTypes(memory: AddressSpace, symbols: SymbolTable): Layouts {
  const [start, stop] = [symbols.find('__start_BTF'), symbols.find('__stop_BTF')];
  if (start === undefined || stop === undefined) return new Layouts([]);
  const bytes = memory.read(start, Number(stop - start));
  return new Layouts([openBtf(bytes, 'BTF of the dump').value]);
}
