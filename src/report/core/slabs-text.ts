import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { CoreCache, CoreSlabs } from '../../findings/core/core-slabs.ts';
import { renderProblems, renderTable } from './table.ts';

const COLUMNS = [
  { head: 'cache' },
  { head: 'allocated', right: true },
  { head: 'total', right: true },
  { head: 'size', right: true },
  { head: 'slabs', right: true },
  { head: 'memory', right: true },
  { head: '' },
];

/** Caches without a slab say nothing and are left out. */
export function renderCoreSlabs({ caches, allocator, problems }: CoreSlabs): string {
  const used = caches.filter(({ slabs }) => slabs > 0);
  const bytes = used.reduce((sum, cache) => sum + cache.bytes, 0);
  const objects = used.reduce((sum, cache) => sum + cache.allocated, 0);
  const head = `${allocator}: ${spellCount(objects)} objects in use in ${spellBytes(bytes)}, ${used.length} caches\n\n`;
  const rows = used.map((cache) => [
    cache.name,
    String(cache.allocated),
    String(cache.total),
    String(cache.objectSize),
    String(cache.slabs),
    spellBytes(cache.bytes),
    remarks(cache),
  ]);
  const own = used.flatMap((cache) => cache.problems.map((problem) => `${cache.name}: ${problem}`));
  return `${head}${renderTable(COLUMNS, rows)}${renderProblems([...problems, ...own])}`;
}

function remarks({ reclaimable, aliases, unknown }: CoreCache): string {
  const names = aliases.length > 3 ? [...aliases.slice(0, 3), `${aliases.length - 3} more`] : aliases;
  return [
    ...(reclaimable ? ['reclaimable'] : []),
    ...(names.length > 0 ? [`also ${names.join(', ')}`] : []),
    ...(unknown === undefined ? [] : [`${spellCount(unknown)} unknown`]),
  ].join('; ');
}
