import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreAllocations } from '../../findings/core/core-allocations.ts';
import { renderProblems, renderTable } from './table.ts';

const MOST_ROWS = 40;

export function renderAllocations({ bytes, calls, sites, problems }: CoreAllocations): string {
  const head = `${spellBytes(bytes)} in ${spellCount(calls)} allocations, by ${spellThings(sites.length, 'line')} of source\n\n`;
  const columns = [
    { head: 'memory', right: true },
    { head: 'calls', right: true },
    { head: 'function' },
    { head: 'module' },
    { head: 'line' },
  ];
  const rows = sites
    .slice(0, MOST_ROWS)
    .map((site) => [
      spellBytes(site.bytes),
      `${site.calls}`,
      site.function,
      site.module ?? '',
      `${site.file}:${site.line}`,
    ]);
  return `${head}${renderTable(columns, rows)}${renderProblems(problems)}`;
}
