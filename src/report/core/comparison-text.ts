import { spellBytes, spellCount, spellDuration } from '../../base/spelling.ts';
import type { CoreComparison } from '../../findings/core/core-comparison.ts';
import { escapeTerminal } from '../escape.ts';
import { renderTable } from './table.ts';

const MOST = 25;

export function renderCoreComparison(comparison: CoreComparison): string {
  const { a, b, relation, seconds, caches, uses, lost } = comparison;
  const span = seconds === undefined ? '' : `, ${spellDuration(seconds)} apart`;
  const head = escapeTerminal(`a ${a}`) + `\n${escapeTerminal(`b ${b}`)}\n${relation}${span}\n`;
  const right = (text: string): { head: string; right: true } => ({ head: text, right: true });
  const followed = caches.some(({ survived }) => survived !== undefined);
  const ofCaches = renderTable(
    [
      right('change'),
      right('objects'),
      right('a'),
      right('b'),
      ...(followed ? [right('survived'), right('of them lost')] : []),
      { head: 'cache' },
    ],
    caches
      .slice(0, MOST)
      .map((c) => [
        signed(c.changeBytes),
        withSign(c.changeObjects),
        spellCount(c.aObjects),
        spellCount(c.bObjects),
        ...(followed ? [`${c.survived ?? ''}`, `${c.lostSurvived ?? ''}`] : []),
        c.name,
      ]),
  );
  const ofUses = renderTable(
    [right('change'), right('a'), right('b'), { head: 'pages' }],
    uses.slice(0, MOST).map((u) => [signed(u.changeBytes), spellBytes(u.aBytes), spellBytes(u.bBytes), u.use]),
  );
  const ofLost =
    lost.length === 0
      ? ''
      : `\nnothing leads to\n${renderTable(
          [right('change'), right('a'), right('b'), { head: 'what' }],
          lost
            .slice(0, MOST)
            .map((l) => [`${withSign(l.change)} (${signed(l.changeBytes)})`, spellCount(l.a), spellCount(l.b), l.what]),
        )}`;
  return `${head}${ofLost}${renderHolders(comparison)}\ncaches\n${ofCaches}${renderGroups(comparison)}\nuse of pages\n${ofUses}`;
}

const CHANGES = [
  { head: 'change', right: true },
  { head: 'a', right: true },
  { head: 'b', right: true },
] as const;

function renderHolders({ holders }: CoreComparison): string {
  if (holders.length === 0) return '';
  const rows = holders
    .slice(0, MOST)
    .map((h) => [`${withSign(h.change)} (${signed(h.changeBytes)})`, spellCount(h.a), spellCount(h.b), h.of, h.holder]);
  return `\nheld by one alone\n${renderTable([...CHANGES, { head: 'of' }, { head: 'by' }], rows)}`;
}

function renderGroups({ groups }: CoreComparison): string {
  if (groups.length === 0) return '';
  const rows = groups
    .slice(0, MOST)
    .map((g) => [
      `${withSign(g.change)} (${signed(g.changeBytes)})`,
      spellCount(g.a),
      spellCount(g.b),
      g.cache,
      g.what,
    ]);
  return `\nby content\n${renderTable([...CHANGES, { head: 'cache' }, { head: 'what' }], rows)}`;
}

const signed = (bytes: number): string => `${bytes > 0 ? '+' : ''}${spellBytes(bytes)}`;
const withSign = (n: number): string => `${n > 0 ? '+' : n < 0 ? '−' : ''}${spellCount(Math.abs(n))}`;
