import { FormatError, type Problem } from '../../base/errors.ts';
import type { TypeGraph } from '../../base/type-graph.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import { Layouts } from '../../model/layouts/layouts.ts';
import type { AddressSpace } from '../../model/memory/address-space.ts';
import { findBtf } from '../../model/symbols/find-btf.ts';
import type { SymbolTable } from '../../model/symbols/symbol-table.ts';
import type { GivenFiles } from './given-files.ts';

/** A vmlinux with every driver built in has some 10 MB of BTF; what claims more is damage. */
const MOST_BTF = 2 ** 28;

/** Types: the kernel's own BTF out of the dump, else what the files given have. None, and a problem, without either. */
export function readTypes(
  memory: AddressSpace,
  symbols: SymbolTable,
  info: VmcoreInfo,
  file: string,
  given: GivenFiles,
  problems: Problem[],
): Layouts {
  const at: Problem['at'] = { kind: 'bytes', file, offset: 0, length: 0 };
  const graph = ownTypes(memory, symbols, at, problems) ?? given.types(info);
  if (graph) return new Layouts([graph]);
  problems.push({
    problem: 'it holds no types (no BTF): give --symbols with its vmlinux, or /sys/kernel/btf/vmlinux',
    at,
  });
  return new Layouts([]);
}

function ownTypes(
  memory: AddressSpace,
  symbols: SymbolTable,
  at: Problem['at'],
  problems: Problem[],
): TypeGraph | undefined {
  const [start, stop] = [symbols.find('__start_BTF'), symbols.find('__stop_BTF')];
  const isNamed = start !== undefined && stop !== undefined && stop > start && stop - start <= MOST_BTF;
  const bytes = isNamed ? memory.tryRead(start, Number(stop - start)) : findBtf(memory, symbols)?.bytes;
  if (!bytes) {
    if (isNamed) problems.push({ problem: 'the BTF of its kernel is not all in the dump', at });
    return undefined;
  }
  try {
    const btf = openBtf(bytes, 'BTF of the dump');
    problems.push(...btf.problems);
    return btf.value;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    problems.push({ problem: `its BTF cannot be read: ${cause.message}`, at });
    return undefined;
  }
}
