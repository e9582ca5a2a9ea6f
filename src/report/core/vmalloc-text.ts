import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreVmalloc } from '../../findings/core/core-vmalloc.ts';
import { renderProblems, renderTable } from './table.ts';

const COLUMNS = [
  { head: 'caller' },
  { head: 'use' },
  { head: 'areas', right: true },
  { head: 'memory', right: true },
  { head: 'addresses', right: true },
  { head: 'for example' },
];

/** Who asked for areas, most memory first; --json lists every area. */
export function renderCoreVmalloc({ bytes, callers, areas, problems }: CoreVmalloc): string {
  const head = `${spellBytes(bytes)} of memory in ${spellThings(areas.length, 'area')} of vmalloc space\n\n`;
  const rows = callers.map((caller) => [
    caller.caller ?? 'not said',
    caller.use,
    spellCount(caller.areas),
    caller.pages === 0 ? '' : spellBytes(caller.bytes),
    spellBytes(caller.addressBytes),
    caller.samples[0] ?? '',
  ]);
  return `${head}${renderTable(COLUMNS, rows)}${renderProblems(problems)}`;
}
