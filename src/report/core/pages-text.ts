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
const OWNERS = [
  { head: 'unexplained pages taken by' },
  { head: 'blocks', right: true },
  { head: 'memory', right: true },
  { head: 'for' },
  { head: 'while' },
];
/** Owners beyond these are in the document. */
const MOST_OWNERS = 20;

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

const UNRECORDED: Readonly<Record<NonNullable<PageOwnerGroup['unrecorded']>, string>> = {
  early: 'not recorded: before page_owner began',
  recursive: 'not recorded: while it was recording',
  failed: 'not recorded: no room for the stack',
};

function renderOwners(owners: readonly PageOwnerGroup[]): string {
  if (owners.length === 0) return '';
  const rows = owners.slice(0, MOST_OWNERS).map((owner) => {
    const module = owner.module === undefined ? '' : ` [${owner.module}]`;
    return [
      owner.unrecorded ? UNRECORDED[owner.unrecorded] : `${owner.function ?? ''}${module}`,
      spellCount(owner.blocks),
      spellBytes(owner.bytes),
      owner.callers.join(' < '),
      owner.processes.slice(0, 3).join(', '),
    ];
  });
  const more = owners.length > MOST_OWNERS ? `… and ${owners.length - MOST_OWNERS} more, see --json\n` : '';
  return `\n${renderTable(OWNERS, rows)}${more}`;
}
