import type { ReclaimRow, ReclaimTest } from '../findings/reclaim-test.ts';
import { spellBytes, spellCount, spellShare } from './amounts.ts';
import { columnsOf } from './escape.ts';
import type { TextLook } from './experiment.ts';
import { clip, pad, printLines, span, words, wrap, type Line, type Style } from './text-line.ts';
import { riskWords, VERDICT_WORDS } from './words.ts';

const MOST_ROWS = 16;
const STYLES: Readonly<Record<ReclaimTest['verdict'], Style>> = {
  leak: 'leak',
  growth: 'growth',
  'not-a-leak': 'fine',
  inconclusive: 'unsure',
};

/** The result of `kleak reclaim-test`, or what it would do. */
export function renderReclaimTest(test: ReclaimTest, { width, colour }: TextLook): string {
  const { performed, verdict, summary, steps, risk, rows, next, unread } = test;
  const word = performed ? VERDICT_WORDS[verdict] : 'NOT DONE';
  const told = (label: string, text: string): readonly Line[] => wrap([span(label, 'faint')], words(text), width);
  return printLines(
    [
      ...wrap([span(`${word}  `, STYLES[verdict])], words(summary, 'strong'), width),
      [],
      ...steps.flatMap((step, i) => told(i > 0 ? '           ' : performed ? '  did      ' : '  would    ', step)),
      ...told('  risk     ', risk),
      ...(test.settled === false
        ? told('  doubt    ', 'memory was still moving at the end; the last samples count')
        : []),
      ...(rows.length > 0 ? [[], ...table(rows.slice(0, MOST_ROWS), width)] : []),
      ...next.flatMap((step) => told('  next     ', `${step.command}   ${step.why}; ${riskWords(step)}`)),
      ...unread.slice(0, 8).flatMap(({ what, why }) => told('  not seen ', `${what}: ${why}`)),
    ],
    colour,
  );
}

function table(rows: readonly ReclaimRow[], width: number): readonly Line[] {
  const label = Math.min(30, Math.max(12, width - 56));
  const head = `  ${''.padEnd(label)}  ${'before'.padStart(10)}  ${'after'.padStart(10)}  ${'came back'.padStart(10)}  ${''.padStart(7)} stayed in use`;
  return [[span(clip(head, width), 'faint')], ...rows.map((row) => line(row, label, width)), []];
}

function line(row: ReclaimRow, columns: number, width: number): Line {
  const name = clip(row.kind === 'cache' ? row.name : (row.label ?? row.name), columns);
  const back = row.beforeBytes - row.afterBytes;
  const share = row.beforeBytes > 0 ? spellShare(Math.max(0, back) / row.beforeBytes) : '';
  const objects = row.reclaimable && row.afterObjects !== undefined ? `${spellCount(row.afterObjects)} objects` : '';
  const figures = `${spellBytes(row.beforeBytes).padStart(10)}  ${spellBytes(row.afterBytes).padStart(10)}  ${spellBytes(back).padStart(10)}`;
  const pieces: Line = [
    span(`  ${name}`, row.reclaimable ? 'strong' : 'faint'),
    pad(columns - columnsOf(name) + 2),
    span(figures, row.reclaimable ? 'plain' : 'faint'),
    span(`  ${share.padStart(7)} `, 'faint'),
  ];
  return columns + 60 + objects.length <= width ? [...pieces, span(objects, 'plain')] : pieces;
}
