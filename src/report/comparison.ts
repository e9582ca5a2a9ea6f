import { spellBytes, spellCount, spellDuration } from '../base/spelling.ts';
import type { ComparedItem, Comparison } from '../findings/comparison.ts';
import { escapeTerminal } from './escape.ts';

/** Rows shown; the document has all. */
const MOST = 25;
const SMALL = 64 * 1024;

/** The table of `kleak compare`. */
export function renderComparison(comparison: Comparison): string {
  const rows = comparison.differences.filter((d) => Math.abs(d.changeBytes) >= SMALL).slice(0, MOST);
  const span = comparison.seconds === undefined ? '' : `, ${spellDuration(comparison.seconds)} apart`;
  const width = Math.min(40, Math.max(10, ...rows.map((r) => (r.label ?? r.name).length)));
  return [
    `a  ${comparison.a}`,
    `b  ${comparison.b}${span}`,
    ...comparison.unlike.map((u) => `hard to compare: ${u}`),
    '',
    ...(rows.length === 0 ? ['No difference above 64 KiB.'] : [header(width), ...rows.map((r) => row(r, width))]),
    '',
  ]
    .map(escapeTerminal)
    .join('\n');
}

const header = (width: number): string =>
  `${'b less a'.padStart(12)}  ${'a'.padStart(10)}  ${'b'.padStart(10)}  ${'what'.padEnd(width)}  objects`;

function row(item: ComparedItem, width: number): string {
  const sign = item.changeBytes > 0 ? '+' : '';
  const objects =
    item.aObjects === undefined || item.bObjects === undefined
      ? ''
      : `${spellCount(item.aObjects)} → ${spellCount(item.bObjects)}`;
  return `${(sign + spellBytes(item.changeBytes)).padStart(12)}  ${spellBytes(item.aBytes).padStart(10)}  ${spellBytes(item.bBytes).padStart(10)}  ${(item.label ?? item.name).padEnd(width)}  ${objects}`.trimEnd();
}
