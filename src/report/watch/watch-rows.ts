import type { WatchedAmount, WatchedBucket, WatchedCache } from '../../findings/watch.ts';
import { spellBytes, spellRate, spellShare } from '../amounts.ts';
import { columnsOf } from '../escape.ts';
import { clip, lineColumns, pad, span, type Line, type Span } from '../text-line.ts';

/** A line of pieces that have each their columns; what has no room is left out, the last first. */
export function fitted(pieces: readonly Line[], width: number): Line {
  const line: Span[] = [];
  for (const piece of pieces) {
    if (lineColumns(line) + lineColumns(piece) > width) break;
    line.push(...piece);
  }
  return line;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar exact to an eighth of a column; something is drawn for whatever is not nothing. */
function barOf(share: number, columns: number, ascii: boolean, marked: boolean): readonly Span[] {
  const eighths = Math.min(columns * 8, Math.max(share > 0 ? 1 : 0, Math.round(share * columns * 8)));
  const drawn = ascii
    ? '#'.repeat(Math.ceil(eighths / 8))
    : '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return [span(drawn, marked ? 'growth' : 'name'), pad(columns - drawn.length)];
}

const STEPS = '▁▂▃▄▅▆▇█';
const ASCII_STEPS = '_.-=*#';

/** The last value of each stretch of time; what hardly changes stays low, so that noise does not look like growth. */
export function sparkOf({ points, bytes }: WatchedAmount, columns: number, ascii: boolean): string {
  const steps = ascii ? ASCII_STEPS : STEPS;
  const values = points.map(([, value]) => value);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const height = Math.max(most - least, Math.abs(bytes) / 50, 1);
  return Array.from({ length: Math.min(columns, values.length) }, (_, i) => {
    const value = values[Math.floor(((i + 1) * values.length) / Math.min(columns, values.length)) - 1] ?? least;
    return steps.charAt(Math.round(((value - least) / height) * (steps.length - 1)));
  }).join('');
}

/** Bounds wider than this share of RAM in an hour say nothing. */
const IDLE_BOUND = 0.02;

/**
 * `+4.2 MiB/h` where that is sure, `±3 MiB/h` where only its bounds are known, nothing while there are too few samples for
 * either.
 */
export function shortRate({ rate, sure }: WatchedAmount, total: number): string {
  if (rate?.low === undefined || rate.high === undefined) return '';
  if (sure) return signed(rate.bytesPerHour, spellRate).replace(' per day', '/d');
  const bound = Math.max(Math.abs(rate.low), Math.abs(rate.high));
  if (bound < 1) return '0';
  if (bound > total * IDLE_BOUND) return '';
  return `±${spellRate(bound).replace(' per day', '/d')}`;
}

export const signed = (n: number, spell: (n: number) => string): string => `${n > 0 ? '+' : ''}${spell(n)}`;

const isGrowing = ({ sure, rate }: WatchedAmount): boolean => sure && (rate?.bytesPerHour ?? 0) > 0;

const RATE = 14;

export function bucketRow(bucket: WatchedBucket, total: number, width: number, ascii: boolean): Line {
  const share = total > 0 ? bucket.bytes / total : 0;
  const label = width < 60 ? 14 : 25;
  const held = isGrowing(bucket) && bucket.layer !== 'none' && bucket.layer !== 'page-cache';
  const name = clip(bucket.label ?? bucket.name, label);
  const bar = Math.min(40, Math.max(0, width - label - 24 - (width < 60 ? 0 : RATE)));
  return fitted(
    [
      [span(` ${name}`, held ? 'strong' : 'plain'), pad(label - columnsOf(name) + 1)],
      bar < 4 ? [] : barOf(Math.max(0, share), bar, ascii, held),
      [span(spellBytes(bucket.bytes).padStart(10))],
      [span(spellShare(share).padStart(8))],
      [span(shortRate(bucket, total).padStart(RATE), held ? 'growth' : 'faint')],
    ],
    width,
  );
}

/** Columns of the parts of a cache's row, for a width. */
interface CacheColumns {
  readonly name: number;
  readonly spark: number;
  readonly objects: boolean;
}

function cacheColumns(width: number): CacheColumns {
  const objects = width >= 100;
  const name = width < 60 ? Math.max(10, width - 24) : Math.min(28, Math.max(16, width - 60));
  const fixed = 2 + name + 11 + 11 + RATE + 1 + (objects ? 12 : 0);
  return { name, spark: Math.min(40, Math.max(0, width - fixed)), objects };
}

export function cacheHead(width: number, sort: string, ascii: boolean): Line {
  const { name, objects } = cacheColumns(width);
  const title = clip(`caches, by ${sort}`, name);
  return fitted(
    [
      [span(` ${title}`, 'strong'), pad(name - columnsOf(title) + 1)],
      [span('held'.padStart(11), 'faint')],
      [span('change'.padStart(11), 'faint')],
      [span('rate'.padStart(RATE), 'faint')],
      objects ? [span('objects'.padStart(12), 'faint')] : [],
      [span(ascii ? '' : ' ')],
    ],
    width,
  );
}

export interface CacheLook {
  readonly selected: boolean;
  readonly width: number;
  readonly ascii: boolean;
  /** All of RAM. */
  readonly total: number;
}

export function cacheRow(cache: WatchedCache, { selected, width, ascii, total }: CacheLook): Line {
  const { name: columns, spark, objects } = cacheColumns(width);
  const growing = isGrowing(cache);
  const name = clip(cache.name, columns);
  return fitted(
    [
      [span(selected ? (ascii ? '>' : '▶') : ' ', 'mark')],
      [span(name, selected || growing ? 'strong' : 'plain'), pad(columns - columnsOf(name) + 1)],
      [span(spellBytes(cache.bytes).padStart(11))],
      [span(signed(cache.changeBytes, spellBytes).padStart(11))],
      [span(shortRate(cache, total).padStart(RATE), growing ? 'growth' : 'faint')],
      objects ? [span((cache.objects ?? 0).toLocaleString('en-US').padStart(12))] : [],
      spark < 6 ? [] : [span(` ${sparkOf(cache, spark - 1, ascii)}`, 'name')],
    ],
    width,
  );
}
