import { spellThings } from '../../base/spelling.ts';
import type { CoreExport } from '../../findings/core/core-export.ts';
import { escapeTerminal } from '../escape.ts';

/** `dump.sqlite: 131,072 pages, 88 caches, …`. */
export function renderCoreExport({ file, tables }: CoreExport): string {
  const counted = tables
    .filter(({ name }) => /^(?:pages|caches|slabs|objects|symbols)$/.test(name))
    .map(({ name, rows }) => spellThings(rows, name.slice(0, -1)));
  return `${escapeTerminal(file)}: ${counted.join(', ')}\n`;
}
