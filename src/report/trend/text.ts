import type { Verdict } from '../../findings/finding.ts';
import type { TrendDocument, TrendQuantity } from '../../findings/trend.ts';
import { plural, spellBytes, spellHours, spellRate, spellTime } from '../amounts.ts';
import { chartRows, sparkline } from '../chart.ts';
import { columnsOf, escapeTerminal } from '../escape.ts';
import { findingLine, findingLines } from '../text-finding.ts';
import { clip, lineColumns, pad, printLines, span, words, wrap, type Line, type Style } from '../text-line.ts';
import { coincidingWords, endLine, eventWords, floorLine, momentWords, rateLine, whenWords } from './words.ts';
import { confidenceWords, VERDICT_WORDS } from '../words.ts';

export interface TrendTextOptions {
  readonly colour: boolean;
  readonly width: number;
  readonly ascii: boolean;
  /** Every quantity with its picture, every event. */
  readonly all: boolean;
}

const STYLES: Readonly<Record<Verdict, Style>> = {
  leak: 'leak',
  growth: 'growth',
  'not-a-leak': 'fine',
  inconclusive: 'unsure',
};
const MOST_CHARTS = 4;
const MOST_ROWS = 16;
const MOST_FINDINGS = 3;
const MOST_EVENTS = 12;
const CHART_ROWS = 5;
/** Columns of the figures beside a picture. */
const AXIS = 11;
const KEY = 11;

/** The trends for a terminal: verdict, pictures of what grows or jumped, a row for each other, what changed on the host. */
export function renderTrendText(document: TrendDocument, options: TrendTextOptions): string {
  const drawing = { ...options, width: Math.max(48, Math.floor(options.width)) };
  const drawn = drawnQuantities(document, options.all);
  const blocks: readonly (readonly Line[])[] = [
    headLines(document, drawing.width),
    ...drawn.map((quantity) => quantityLines(document, quantity, drawing)),
    rowLines(document, drawn, drawing),
    eventLines(document, drawing),
    ...findingBlocks(document, drawing),
    tailLines(document, drawing.width),
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => [...block, []]);
  const text = printLines(lines.slice(0, -1), options.colour);
  return options.ascii ? asciiOnly(text) : text;
}

/** What grows, and what jumped; where neither did, the unexplained part, which every reader asks for. */
function drawnQuantities({ quantities }: TrendDocument, all: boolean): readonly TrendQuantity[] {
  if (all) return quantities;
  const news = quantities.filter((q) => q.direction === 'rising' || q.changes.length > 0);
  const grown = new Set(news.filter((q) => q.kind === 'cache').map((q) => q.layer));
  // A bucket beside the caches that it is the sum of shows the same line again.
  const held = news.filter((q) => q.layer !== 'none' && !(q.kind === 'bucket' && grown.has(q.layer)));
  return (held.length > 0 ? held : quantities.filter((q) => q.kind === 'unexplained')).slice(0, MOST_CHARTS);
}

function headLines(document: TrendDocument, width: number): readonly Line[] {
  const { verdict, summary, confidence, recording, boots } = document;
  const first: Line = [span(VERDICT_WORDS[verdict], STYLES[verdict]), pad(2)];
  const hang = width < 72 ? 2 : lineColumns(first);
  const sure = confidence === undefined ? '' : ` ${confidenceWords(confidence)}`;
  const from = recording.from === undefined ? '' : `${spellTime(recording.from)}, `;
  const reboots = boots.length > 1 ? `, ${plural(boots.length, 'boot')}` : '';
  const what = `${from}${spellHours(recording.spanSeconds / 3600)} long, ${plural(recording.samples, 'sample')}${reboots}`;
  return [
    ...wrap(first, [...words(summary, 'strong'), ...words(sure, 'faint')], width, hang),
    ...wrap([pad(hang)], words(what, 'faint'), width, hang),
  ];
}

function quantityLines(document: TrendDocument, quantity: TrendQuantity, drawing: TrendTextOptions): readonly Line[] {
  const { label, layer, firstBytes, lastBytes, direction, points, changes } = quantity;
  const { width, ascii } = drawing;
  const wallClock = document.recording.from !== undefined;
  const kind = quantity.kind === 'cache' ? ` (${layer.replace('slab-', '')} slab)` : '';
  const values = points.map(([, value]) => value);
  const [low, high] = bounds(values);
  const rows = chartRows(points, low, high, { columns: width - AXIS - 4, rows: CHART_ROWS, ascii });
  const figures = rows.map((_row, i) => (i === 0 ? spellBytes(high) : i === rows.length - 1 ? spellBytes(low) : ''));
  return [
    [
      pad(2),
      span(clip(label, 40), direction === 'rising' ? STYLES[document.verdict] : 'strong'),
      span(`${kind}  ${spellBytes(firstBytes)} ${ascii ? '->' : '→'} ${spellBytes(lastBytes)}`),
    ],
    ...rows.map((row, i): Line => [
      span((figures[i] ?? '').padStart(AXIS)),
      span(ascii ? ' |' : ' │', 'faint'),
      span(row, 'name'),
    ]),
    ...keyed('rate', rateLine(quantity), width),
    ...keyed('floor', quantity.teeth || drawing.all ? floorLine(quantity) : undefined, width),
    ...keyed(
      'day',
      quantity.rhythm && `swings by ${spellBytes(quantity.rhythm.heightBytes)} with the hour; taken out`,
      width,
    ),
    ...changes.flatMap((moment) =>
      keyed('change', `${whenWords(moment, wallClock)}: ${momentWords(moment)}; ${coincidingWords(moment)}`, width),
    ),
    ...keyed('end', endLine(quantity), width),
  ];
}

/** What is drawn begins at the least value, rounded so that noise does not fill the picture. */
function bounds(values: readonly number[]): readonly [low: number, high: number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return high - low < high / 20 ? [Math.max(0, high - high / 20), high] : [low, high];
}

const keyed = (name: string, text: string | undefined, width: number): readonly Line[] =>
  text === undefined || text === '' ? [] : wrap([pad(4), span(name.padEnd(KEY - 4), 'faint')], words(text), width);

/** A row for each quantity that has no picture. */
function rowLines(
  document: TrendDocument,
  drawn: readonly TrendQuantity[],
  drawing: TrendTextOptions,
): readonly Line[] {
  const { width, ascii, all } = drawing;
  const others = document.quantities.filter((q) => !drawn.includes(q));
  const shown = all ? others : others.slice(0, MOST_ROWS);
  if (shown.length === 0) return [];
  const wide = width >= 78;
  const longest = Math.max(...shown.map((q) => columnsOf(escapeTerminal(q.label))));
  const label = Math.min(26, longest, width - (wide ? 57 : 48));
  const columns = Math.max(8, Math.min(24, width - label - (wide ? 49 : 40)));
  const arrow = ascii ? '->' : '→';
  const { quiet } = document;
  const hidden = others.length - shown.length;
  return [
    [span('  the others', 'strong')],
    ...shown.map((q): Line => {
      const name = clip(q.label, label);
      const line = sparkline(q.points, columns, ascii);
      const rate = q.rate ? spellRate(q.rate.bytesPerHour) : '';
      return [
        pad(2),
        span(name),
        pad(label - columnsOf(name) + 1),
        span(line.padEnd(columns), 'name'),
        span(
          ` ${spellBytes(q.firstBytes).padStart(8)} ${arrow} ${spellBytes(q.lastBytes).padEnd(8)} ${rate.padStart(16)}`,
        ),
        span(wide ? ` ${q.direction}` : '', 'faint'),
      ];
    }),
    ...(hidden > 0 ? [[span(`  … and ${hidden} more (--all)`, 'faint')]] : []),
    ...(quiet.quantities > 0
      ? [[span(`  ${plural(quiet.quantities, 'cache')} changed by less than ${spellBytes(quiet.belowBytes)}`, 'faint')]]
      : []),
  ];
}

function eventLines({ events }: TrendDocument, { width, all }: TrendTextOptions): readonly Line[] {
  const told = events.filter((e) => !e.kind.startsWith('recording-'));
  const shown = all ? told : told.slice(-MOST_EVENTS);
  if (shown.length === 0) return [];
  const more = told.length - shown.length;
  return [
    [span('  what changed on the host', 'strong'), span(more > 0 ? ` (${more} before; --all)` : '', 'faint')],
    ...shown.flatMap((e) => wrap([pad(4), span(`${spellTime(e.at)}  `, 'faint')], words(eventWords(e)), width)),
  ];
}

function findingBlocks(document: TrendDocument, { width, all }: TrendTextOptions): readonly (readonly Line[])[] {
  const { findings } = document;
  const inFull = all ? findings : findings.slice(0, MOST_FINDINGS);
  const layout = { width, all, directory: '', told: document };
  return [
    ...inFull.map((finding, i) => findingLines(finding, i + 1, layout)),
    findings.slice(inFull.length).map((finding, i) => findingLine(finding, inFull.length + i + 1, width)),
  ];
}

function tailLines({ unread, inputs, totalBytes, availableBytes }: TrendDocument, width: number): readonly Line[] {
  const left = availableBytes === undefined ? '' : `, ${spellBytes(availableBytes)} of it available`;
  const files = [...new Set(inputs.map(({ file }) => file))];
  const read = `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}; RAM ${spellBytes(totalBytes)}${left}`;
  const unseen = unread.slice(0, 4).map(({ what, why }) => `${what} (${why})`);
  return [
    ...(unseen.length > 0 ? wrap([span('  not seen: ', 'faint')], words(unseen.join('; ')), width, 6) : []),
    ...wrap([span('  read: ', 'faint')], words(read), width, 6),
  ];
}

/** The few characters of ours that are not ASCII; what else data brings stays. */
const asciiOnly = (text: string): string =>
  text.replaceAll(
    /[−×·…→–±]/g,
    (c) => ({ '−': '-', '×': 'x', '·': '-', '…': '...', '→': '->', '–': '-', '±': '+-' })[c] ?? c,
  );
