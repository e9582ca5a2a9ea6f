import type { Problem } from '../../base/errors.ts';
import type { TypeGraph } from '../../base/type-graph.ts';
import { slide } from '../../formats/symbols/symbol-columns.ts';
import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import { symbolTable, type SymbolTable } from '../../model/symbols/symbol-table.ts';
import { openDebugFile, type DebugFile } from '../../sources/debug-file.ts';
import { InputError } from '../../sources/input-error.ts';

/** The files of `--symbols`, opened when something that the dump lacks is looked for in them. */
export class GivenFiles {
  readonly #names: readonly string[];
  readonly #problems: Problem[];
  #files: readonly DebugFile[] | undefined;

  constructor(names: readonly string[], problems: Problem[]) {
    this.#names = names;
    this.#problems = problems;
  }

  /** The first table of symbols that is of this kernel. Throws InputError where all are of others. */
  symbols(info: VmcoreInfo): SymbolTable | undefined {
    let stranger: string | undefined;
    for (const file of this.#open()) {
      const found = file.symbols();
      if (!found) continue;
      const table = symbolTable(found.value, file.file);
      const delta = slideOf(table, info);
      if (delta === undefined) {
        stranger ??= file.file;
        continue;
      }
      this.#problems.push(...found.problems);
      this.#checkBuild(file, info);
      return delta === 0n ? table : symbolTable(slide(found.value, delta), file.file);
    }
    if (stranger === undefined) return undefined;
    throw new InputError(stranger, 'has symbols of another kernel than the dump', 'give the file of this very build');
  }

  /** The first types: BTF, or DWARF of a vmlinux; of several files that of this build, and none that is of another kernel. */
  types(info: VmcoreInfo): TypeGraph | undefined {
    const given = this.#open();
    const same = given.filter(({ buildId }) => buildId !== undefined && buildId === info.buildId);
    const others = given.filter((file) => !same.includes(file) && (given.length === 1 || !isStranger(file, info)));
    for (const file of [...same, ...others]) {
      const found = file.types();
      if (!found) continue;
      this.#problems.push(...found.problems);
      this.#checkBuild(file, info);
      return found.value;
    }
    return undefined;
  }

  close(): void {
    for (const file of this.#files ?? []) file.close();
  }

  #open(): readonly DebugFile[] {
    this.#files ??= this.#names.map((name) => openDebugFile(name));
    return this.#files;
  }

  /** Some kernels write garbage into VMCOREINFO's BUILD-ID, so that a difference is only told. */
  #checkBuild({ file, buildId }: DebugFile, info: VmcoreInfo): void {
    if (buildId === undefined || info.buildId === undefined || buildId === info.buildId) return;
    this.#problems.push({
      problem: `its build id is ${buildId}, that of the dump ${info.buildId}`,
      at: { kind: 'bytes', file, offset: 0, length: 0 },
    });
  }
}

/** Whether a file has symbols, and they are of another kernel. */
function isStranger(file: DebugFile, info: VmcoreInfo): boolean {
  const found = file.symbols();
  return found !== undefined && slideOf(symbolTable(found.value, file.file), info) === undefined;
}

/** Files that are to be given to dumps later. Throws InputError where one is none that has symbols or types. */
export function checkedSymbols(files: readonly string[] = []): readonly string[] {
  for (const file of files) openDebugFile(file).close();
  return files;
}

/** How many known symbols must lie where VMCOREINFO has them; it names a dozen. */
const ENOUGH = 3;

/** What KASLR added, or undefined where the known symbols lie elsewhere: another kernel. */
function slideOf(table: SymbolTable, { symbols }: VmcoreInfo): bigint | undefined {
  const [there, here] = [symbols.get('_stext'), table.find('_stext')];
  if (there === undefined || here === undefined) return undefined;
  const delta = there - here;
  const known = [...symbols].flatMap(([name, address]) => {
    const found = table.find(name);
    // mem_section and the like are given by what they point to.
    return found === undefined || address >> 47n !== there >> 47n ? [] : [found + delta === address];
  });
  const fits = known.filter(Boolean).length;
  return fits >= ENOUGH && fits > known.length / 2 ? delta : undefined;
}
