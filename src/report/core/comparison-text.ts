import { spellBytes, spellCount, spellDuration } from '../../base/spelling.ts';
import type { CoreComparison } from '../../findings/core/core-comparison.ts';
import { escapeTerminal } from '../escape.ts';
import { renderTable } from './table.ts';

const MOST = 25;

export function renderCoreComparison({ a, b, relation, seconds, caches, uses, lost }: CoreComparison): string {
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
        `${c.aObjects}`,
        `${c.bObjects}`,
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
            .map((l) => [`${withSign(l.change)} (${signed(l.changeBytes)})`, `${l.a}`, `${l.b}`, l.what]),
        )}`;
  return `${head}${ofLost}\ncaches\n${ofCaches}\nuse of pages\n${ofUses}`;
}

const signed = (bytes: number): string => `${bytes > 0 ? '+' : ''}${spellBytes(bytes)}`;
const withSign = (n: number): string => `${n > 0 ? '+' : n < 0 ? '−' : ''}${spellCount(Math.abs(n))}`;
