import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { BlockOrder, CorePages, PageOwnerGroup } from '../../findings/core/core-memory.ts';
import { renderProblems, renderTable } from './table.ts';

const USES = [
  { head: 'pages used as' },
  { head: 'pages', right: true },
  { head: 'memory', right: true },
  { head: 'for example' },
];
const BLOCKS = [
  { head: 'unexplained blocks' },
  { head: 'blocks', right: true },
  { head: 'pages', right: true },
  { head: 'memory', right: true },
  { head: 'for example' },
];
/** Owners beyond these are in the document. */
const MOST_OWNERS = 20;
/** Lines of a stack that are shown. */
const MOST_FRAMES = 8;

export function renderCorePages({ uses, orders, owners, problems }: CorePages): string {
  const rows = uses.map(({ label, pages, bytes, samples }) => [
    label,
    spellCount(pages),
    spellBytes(bytes),
    samples.map(({ address, frame }) => address ?? String(frame)).join(' '),
  ]);
  return `${renderTable(USES, rows)}${renderBlockOrders(orders)}${renderOwners(owners ?? [])}${renderProblems(problems)}`;
}

/** Blocks whose use nothing tells, by size; nothing where there are none. */
export function renderBlockOrders(orders: readonly BlockOrder[]): string {
  if (orders.length === 0) return '';
  const rows = orders.map(({ order, blocks, pages, bytes, isCompound, samples }) => [
    `order ${order}${isCompound ? ', compound' : ''}`,
    spellCount(blocks),
    spellCount(pages),
    spellBytes(bytes),
    samples.slice(0, 3).join(' '),
  ]);
  return `\n${renderTable(BLOCKS, rows)}`;
}

function renderOwners(owners: readonly PageOwnerGroup[]): string {
  const shown = owners.slice(0, MOST_OWNERS).map(({ stack, bytes, blocks, processes }) => {
    const by = processes.length === 0 ? '' : `, by ${processes.slice(0, 3).join(', ')}`;
    const rows = stack.slice(0, MOST_FRAMES).map((frame) => [`  ${frame}`]);
    const head = `${spellBytes(bytes)} in ${spellCount(blocks)} blocks${by}`;
    return `\n${renderTable([{ head }], rows)}`;
  });
  const more = owners.length > MOST_OWNERS ? `\n… and ${owners.length - MOST_OWNERS} more, see --json\n` : '';
  return shown.length === 0 ? '' : `\nwho took unexplained pages\n${shown.join('')}${more}`;
}
