import type { Diagnosis, Series } from '../findings/diagnosis.ts';
import { plural, spellBytes, spellHours, spellShare } from './amounts.ts';
import { sparkline } from './chart.ts';
import { columnsOf, escapeTerminal } from './escape.ts';
import { joinSmallShares, memoryShares, type MemoryShare } from './memory-shares.ts';
import { clip, pad, span, words, wrap, type Line, type Span, type Style } from './text-line.ts';

export interface Drawing {
  readonly width: number;
  readonly ascii: boolean;
  readonly all: boolean;
  /** Of the verdict: marks the bar that it is about. */
  readonly style: Style;
}

/** "where the memory is", with a bar per row: the share of all memory. */
export function memoryLines(diagnosis: Diagnosis, drawing: Drawing): readonly Line[] {
  const { accounting } = diagnosis;
  const every = memoryShares(diagnosis);
  if (accounting === undefined || every.length === 0) return [];
  const shares = drawing.all ? every : joinSmallShares(every);
  const longest = Math.max(...shares.map((share) => columnsOf(escapeTerminal(share.label))));
  const label = Math.min(28, drawing.width - 24, longest);
  const bar = roomFor(drawing.width - label - 25);
  const head: Line = [span('  where the memory is', 'strong'), span(` (${spellBytes(accounting.totalBytes)})`)];
  return [head, ...shares.flatMap((share) => shareLines(share, label, bar, drawing))];
}

/** Columns of a bar or a sparkline; where only a few are left, none. */
const roomFor = (columns: number): number => (columns < 8 ? 0 : Math.min(50, columns));

function shareLines(share: MemoryShare, label: number, bar: number, drawing: Drawing): readonly Line[] {
  const name = clip(share.label, label);
  const figure = `${spellBytes(share.bytes).padStart(bar > 0 ? 11 : 10)} ${spellShare(share.share).padStart(7)}`;
  const line: Line = [
    span(`  ${name}`, share.marked ? 'strong' : 'plain'),
    pad(label - columnsOf(name) + 1),
    ...barOf(share, bar, drawing),
    span(figure, share.marked ? 'strong' : 'plain'),
    span(share.marked ? (drawing.ascii ? '  <' : '  ◀') : '', drawing.style),
  ];
  return drawing.all ? [line, ...wrap([pad(label + 3)], words(share.from, 'faint'), drawing.width)] : [line];
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar exact to an eighth of a column; something is drawn for whatever is not nothing. */
function barOf({ share, marked, bytes }: MemoryShare, columns: number, { ascii, style }: Drawing): readonly Span[] {
  const least = bytes > 0 ? 1 : 0;
  if (columns === 0) return [];
  const eighths = Math.min(columns * 8, Math.max(least, Math.round(Math.max(0, share) * columns * 8)));
  const drawn = ascii
    ? '#'.repeat(Math.max(least, Math.round(eighths / 8)))
    : '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  const track = (ascii ? '.' : '░').repeat(marked ? columns - drawn.length : 0);
  return [span(drawn, marked ? style : 'name'), span(track, 'faint'), pad(columns - drawn.length - track.length)];
}

/** A line per series: how it went, from what to what, over how long. */
export function seriesLines({ series }: Diagnosis, drawing: Drawing): readonly Line[] {
  const drawable = series.filter(({ points }) => points.length >= 3 && points.every((p) => p.every(Number.isFinite)));
  const shown = drawing.all ? drawable : drawable.slice(0, 4);
  if (shown.length === 0) return [];
  const longest = Math.max(...shown.map(({ name }) => columnsOf(escapeTerminal(name))));
  const label = Math.min(28, drawing.width - 28, longest);
  const columns = roomFor(drawing.width - label - 28);
  const hours = Math.max(...shown.map(spanHours));
  const head: Line = [
    span('  over time', 'strong'),
    span(` (${plural(shown[0]?.points.length ?? 0, 'point')} in ${spellHours(hours)})`),
  ];
  const hidden = drawable.length - shown.length;
  return [
    head,
    ...shown.map((one) => seriesLine(one, label, columns, drawing)),
    ...(hidden > 0 ? [[span(`  … and ${hidden} more (--all)`, 'faint')]] : []),
  ];
}

function seriesLine({ name, points }: Series, label: number, columns: number, { ascii }: Drawing): Line {
  const shownName = clip(name, label);
  const first = points[0]?.[1] ?? 0;
  const last = points.at(-1)?.[1] ?? 0;
  return [
    span(`  ${shownName}`),
    pad(label - columnsOf(shownName) + 1),
    span(sparkline(points, columns, ascii), 'name'),
    span(`  ${spellBytes(first)} ${ascii ? '->' : '→'} ${spellBytes(last)}`),
  ];
}

const spanHours = ({ points }: Series): number => ((points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0)) / 3600;
