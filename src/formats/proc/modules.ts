import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One loaded module. */
export interface ModulesRow {
  readonly name: string;
  readonly bytes: Bytes;
  /** Absent on kernels that cannot unload modules. */
  readonly references?: number;
  /** Modules that use it. */
  readonly users: readonly string[];
  /** Taint letters without parentheses, '' for none; absent in lsmod, which does not show them. */
  readonly taints?: string;
  readonly at: Provenance;
}

/** name size references users state address (taints) */
const FILE_ROW = /^\s*([\w-]+) (\d+) (-|\d+) (\S+) (?:Live|Loading|Unloading) 0x[0-9a-f]{1,16}(?: \(([A-Z+-]+)\))?\s*$/;
const FILE_BEGINS = /^\s*[\w-]+ \d+ (?:-|\d+) \S+ (?:Live|Loading|Unloading) 0x/;
const HEADER = /^\s*Module\s+Size\s+Used by/;
const LSMOD_ROW = /^\s*([\w-]+)\s+(\d+)\s+(-?\d+)(?:\s+([\w,-]+|\[permanent\],?\S*))?\s*$/;

/**
 * `/proc/modules` and `lsmod`.
 *
 * Written by kernel/module/procfs.c, m_show() (before 5.19 kernel/module.c), and by kmod. Addresses are zero without
 * privileges.
 */
export const modules: TextFormat<'modules', readonly ModulesRow[]> = {
  kind: 'modules',
  looksFor: 'rows such as "loop 32768 2 - Live 0xffff…", or the header "Module  Size  Used by"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (HEADER.test(first)) return 1 + runOf(lines, at + 1, (text) => LSMOD_ROW.test(text), 1);
    return FILE_BEGINS.test(first) ? runOf(lines, at, (text) => FILE_BEGINS.test(text), 1) : 0;
  },

  parse(lines, file): Parsed<readonly ModulesRow[]> {
    const rows: ModulesRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      if (text.trim() === '' || HEADER.test(text)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const row = readRow(text, at);
      if (row) rows.push(row);
      else problems.push({ problem: 'modules: unreadable row', at });
    }
    return { value: rows, problems };
  },
};

function readRow(text: string, at: Provenance): ModulesRow | undefined {
  const inFile = FILE_ROW.exec(text);
  const [, name, size, references, users = '', taints = ''] = inFile ?? LSMOD_ROW.exec(text) ?? [];
  if (name === undefined || !isQuantity(Number(size))) return undefined;
  return {
    name,
    bytes: bytes(Number(size)),
    // lsmod prints a negative count where the kernel gives none.
    ...(isQuantity(Number(references)) ? { references: Number(references) } : {}),
    users: users.split(',').filter((user) => /^\w/.test(user)),
    ...(inFile ? { taints } : {}),
    at,
  };
}
