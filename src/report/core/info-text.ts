import { spellBytes, spellCount, spellDuration, spellThings } from '../../base/spelling.ts';
import type { CoreInfo } from '../../findings/core/core-info.ts';
import { renderPairs, renderProblems, renderTable } from './table.ts';

export function renderCoreInfo(info: CoreInfo): string {
  const { pages } = info;
  const frames = pages.present + pages.zero + pages.excluded + pages.unreadable;
  const frameBytes = frames === 0 ? 0 : info.ramBytes / frames;
  const part = (count: number, what: string): readonly string[] =>
    count === 0 ? [] : [`${spellBytes(count * frameBytes)} ${what}`];
  const held = [
    ...part(pages.present, 'in the dump'),
    ...part(pages.zero, 'zero'),
    ...part(pages.excluded, 'left out'),
    ...part(pages.unreadable, 'lost'),
  ];
  const symbols = info.symbols.count === 0 ? 'none' : `${spellCount(info.symbols.count)}, ${info.symbols.source}`;
  const types = info.types.count === 0 ? 'none' : `${spellCount(info.types.count)}, ${info.types.source}`;
  const head = renderPairs([
    ['release', info.release],
    ['machine', `${info.machine}, ${spellThings(info.cpus, 'CPU')}, pages of ${spellBytes(info.pageSize)}`],
    ['allocator', info.allocator ?? 'cannot be told: no types'],
    ['container', info.container],
    ['files', info.files.join(', ')],
    ['memory', `${spellBytes(info.ramBytes)}: ${held.join(', ')}`],
    ['symbols', symbols],
    ['types', types],
    ['up', info.uptimeSeconds === undefined ? undefined : spellDuration(info.uptimeSeconds)],
  ]);
  return `${head}${renderModules(info)}${renderProblems(info.problems)}`;
}

function renderModules({ modules }: CoreInfo): string {
  if (modules.length === 0) return '';
  const columns = [{ head: 'module' }, { head: 'base' }, { head: 'size', right: true }, { head: 'types' }];
  const rows = modules.map((m) => [m.name, m.base, spellBytes(m.sizeBytes), m.hasTypes ? 'own' : 'none']);
  return `\n${renderTable(columns, rows)}`;
}
