import type { Problem } from '../../base/errors.ts';
import { parseVmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import { findKernel, type FoundKernel } from '../../model/memory/find-kernel.ts';
import { findVmcoreinfo } from '../../model/memory/find-vmcoreinfo.ts';
import { InputError } from '../../sources/input-error.ts';
import type { Dump } from '../../sources/vmcore/dump.ts';
import { openDump } from '../../sources/vmcore/open-dump.ts';
import { moduleSymbols } from '../../model/kernel/module-symbols.ts';
import { kernelModules, type KernelParts } from '../../model/kernel/modules.ts';
import { symbolTable, withLazyModules, type SymbolTable } from '../../model/symbols/symbol-table.ts';
import { GivenFiles } from './given-files.ts';
import { readSymbols } from './kernel-symbols.ts';
import { readTypes } from './kernel-types.ts';

export interface OpenOptions {
  /** Files that hold symbols or types of this kernel: vmlinux, System.map, saved kallsyms, BTF. */
  readonly symbols?: readonly string[];
  /** Threads that help to search memory for references, beside the one that asks. As many as pay where it is not given. */
  readonly workers?: number;
  /** What people call a file of the dump that was unpacked. */
  readonly nameOf?: (path: string) => string;
}

/** An open dump and the kernel in it. */
export interface OpenedDump {
  readonly dump: Dump;
  readonly kernel: Kernel;
}

/**
 * Opens a dump and finds the kernel in it: where it lies, its symbols, its types. What the dump does not hold is taken from
 * the files given, what neither has is missing and a problem. Throws InputError or FormatError where the dump cannot be
 * opened, or where no kernel is found in it.
 */
export function openKernel(paths: readonly string[], options: OpenOptions = {}): OpenedDump {
  const dump = openDump(paths, options.nameOf);
  try {
    return { dump, kernel: kernelOf(dump, options) };
  } catch (cause) {
    dump.close();
    throw cause;
  }
}

function kernelOf(dump: Dump, options: OpenOptions): Kernel {
  const file = dump.names[0] ?? '';
  const problems: Problem[] = [...dump.problems];
  const note = vmcoreinfoOf(dump, file, problems);
  const { value: info, problems: torn } = parseVmcoreInfo(note, `${file} VMCOREINFO`);
  problems.push(...torn);
  const found: FoundKernel | undefined = findKernel({ ...dump, info, file });
  if (!found)
    throw new InputError(
      file,
      'holds no kernel that its VMCOREINFO leads to',
      'if the dump is whole, please report it with the output of kleak core info',
    );
  problems.push(...found.problems);
  const { machine, memory, directMap } = found;
  const given = new GivenFiles(options.symbols ?? [], problems);
  const own = readSymbols(memory, info, file, given, problems);
  const layouts = readTypes(memory, own, info, file, given, problems);
  const symbols = withLazyModules(own, () => symbolsOfModules({ memory, symbols: own, layouts }, problems));
  if (!directMap) problems.push({ problem: 'the direct map of memory was not found', at: start(file) });
  const release = info.release ?? dump.utsname?.['release'] ?? 'unknown';
  return { file, machine, release, info, memory, symbols, layouts, problems, ...(directMap ? { directMap } : {}) };
}

/** Read when something is looked up that the kernel itself does not have: most commands need none of them. */
function symbolsOfModules(parts: KernelParts, problems: Problem[]): SymbolTable {
  const modules = kernelModules(parts);
  const symbols = moduleSymbols(parts, modules.value);
  for (const problem of [...modules.problems, ...symbols.problems]) problems.push({ problem, at: start('') });
  return symbolTable(
    symbols.value,
    '',
    modules.value.flatMap(({ extents }) => extents),
  );
}

function vmcoreinfoOf(dump: Dump, file: string, problems: Problem[]): string {
  if (dump.vmcoreinfo !== undefined && dump.vmcoreinfo !== '') return dump.vmcoreinfo;
  const found = findVmcoreinfo(dump.physical);
  if (found === undefined)
    throw new InputError(
      file,
      'holds no VMCOREINFO, neither in its headers nor in its memory',
      'take the dump with kdump, or with QEMU and -device vmcoreinfo',
    );
  problems.push({ problem: 'its headers hold no VMCOREINFO; it was found in the memory', at: start(file) });
  return found;
}

const start = (file: string): Problem['at'] => ({ kind: 'bytes', file, offset: 0, length: 0 });
