import { FormatError } from '../../base/errors.ts';
import { parseSymbolText } from '../../formats/symbols/symbol-text.ts';
import { measured, missing, type Measured } from '../../model/measured.ts';
import { symbolTable, type SymbolTable } from '../../model/symbols/symbol-table.ts';
import type { HostClient } from '../../sources/live/host-client.ts';

const PATH = '/proc/kallsyms';
const MOST_BYTES = 64 * 2 ** 20;

/** The symbols of the running kernel, or why there are none. */
export async function readKernelSymbols(host: HostClient, root = ''): Promise<Measured<SymbolTable>> {
  const { content, error } = await host.ask({ kind: 'file', path: root + PATH, most: MOST_BYTES });
  if (content.length === 0) return missing(`${PATH} cannot be read${error === undefined ? '' : `: ${error}`}`);
  try {
    return measured(symbolTable(parseSymbolText(content, PATH).value, PATH));
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return missing(`${PATH} hides addresses; sysctl kernel.kptr_restrict=1 shows them to root`);
  }
}
