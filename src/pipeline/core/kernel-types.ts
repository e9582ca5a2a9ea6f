import { FormatError, type Problem } from '../../base/errors.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { Layouts } from '../../model/layouts/layouts.ts';
import type { AddressSpace } from '../../model/memory/address-space.ts';
import type { SymbolTable } from '../../model/symbols/symbol-table.ts';

/** A vmlinux with every driver built in has some 10 MB of BTF; what claims more is damage. */
const MOST_BTF = 2 ** 28;

/** Types: BTF between `__start_BTF` and `__stop_BTF` of the image. */
export function readTypes(
  memory: AddressSpace,
  symbols: SymbolTable,
  file: string,
  _given: readonly string[],
  problems: Problem[],
): Layouts {
  const [start, stop] = [symbols.find('__start_BTF'), symbols.find('__stop_BTF')];
  const at: Problem['at'] = { kind: 'bytes', file, offset: 0, length: 0 };
  if (start === undefined || stop === undefined || stop <= start || stop - start > MOST_BTF) return new Layouts([]);
  const bytes = memory.tryRead(start, Number(stop - start));
  if (!bytes) {
    problems.push({ problem: 'the BTF of the kernel is not all in the dump', at });
    return new Layouts([]);
  }
  try {
    const btf = openBtf(bytes, 'BTF of the dump');
    problems.push(...btf.problems);
    return new Layouts([btf.value]);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    problems.push({ problem: cause.message, at });
    return new Layouts([]);
  }
}
