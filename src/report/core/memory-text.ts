import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { CoreMemory } from '../../findings/core/core-memory.ts';
import { wrapText } from './wrap-text.ts';
import { renderBlockOrders } from './pages-text.ts';
import { renderProblems, renderTable } from './table.ts';

const COLUMNS = [
  { head: 'where the memory is' },
  { head: 'memory', right: true },
  { head: 'share', right: true },
  { head: 'by' },
];

/** The equation, largest first, with what nothing explains at its end. */
export function renderCoreMemory(memory: CoreMemory): string {
  const { totalBytes, buckets, unaccountedBytes, notes } = memory;
  const share = (bytes: number): string => spellShare(totalBytes > 0 ? bytes / totalBytes : 0);
  const rows = [
    ...buckets.map(({ label, bytes, from }) => [label, spellBytes(bytes), share(bytes), from]),
    ...(unaccountedBytes === undefined
      ? []
      : [
          [
            'unexplained',
            spellBytes(unaccountedBytes),
            share(unaccountedBytes),
            'given out, and nothing tells to whom',
          ],
        ]),
    ['all memory', spellBytes(totalBytes), '', ''],
  ];
  const said = notes.map((note) => wrapText(note, '  ')).join('');
  return `${renderTable(COLUMNS, rows)}${renderBlockOrders(memory.unaccountedOrders)}${said === '' ? '' : `\n${said}`}${renderProblems(memory.problems)}`;
}
