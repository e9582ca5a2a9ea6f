import type { WatchedBucket, WatchedCache, WatchState } from '../../findings/watch.ts';
import { plural, spellBytes, spellCount, spellHours } from '../amounts.ts';
import { VERDICT_WORDS } from '../words.ts';
import { clip, lineColumns, pad, span, words, wrap, type Line, type Style } from '../text-line.ts';
import { detailLines } from './watch-details.ts';
import { HELP } from './watch-help.ts';
import { selectedIndex, sortCaches, type WatchLook } from './watch-look.ts';
import { bucketRow, cacheHead, cacheRow } from './watch-rows.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
}

/** Below, nothing can be read. */
const LEAST = { columns: 24, rows: 8 };

/** All that stands on the screen: at most as many lines as it has rows, none longer than it has columns. */
export function renderWatch(state: WatchState | undefined, look: WatchLook, screen: Screen): readonly Line[] {
  const { columns, rows } = screen;
  if (columns < LEAST.columns || rows < LEAST.rows)
    return [[span(clip(`needs ${LEAST.columns} × ${LEAST.rows}`, columns))]].slice(0, rows);
  if (!state) return [[span(clip('kleak watch  the first sample …', columns), 'faint')]];
  const top = [headLine(state, look, screen), ...verdictLines(state, screen)];
  const room = rows - top.length - 1;
  const body = bodyLines(state, look, screen, room);
  const fill = Array.from({ length: Math.max(0, room - body.length) }, (): Line => []);
  return [...top, ...body.slice(0, room), ...fill, footLine(look, screen)];
}

function bodyLines(state: WatchState, look: WatchLook, screen: Screen, room: number): readonly Line[] {
  switch (look.page) {
    case 'help':
      return HELP.slice(0, room).map((line) => [span(clip(line, screen.columns))]);
    case 'details': {
      const caches = sortCaches(state.caches, look.sort);
      const cache = caches[selectedIndex(caches, look)];
      return cache ? detailLines(cache, state, screen, room) : listLines(state, look, screen, room);
    }
    case 'list':
      return listLines(state, look, screen, room);
  }
}

function headLine({ samples, spanSeconds, recorded }: WatchState, look: WatchLook, { columns }: Screen): Line {
  const from = recorded > 0 ? `, ${spellCount(recorded)} of them recorded` : '';
  const times = `  ${plural(samples, 'sample')} in ${spellHours(spanSeconds / 3600)}${from}`;
  const state = look.paused ? 'PAUSED ' : '';
  const room = columns - 'kleak watch'.length - state.length - 1;
  const shown = clip(times, Math.max(1, room));
  const line = [span('kleak watch', 'strong'), span(shown, 'faint')];
  return [...line, pad(columns - lineColumns(line) - state.length), span(state, 'mark')];
}

const STYLES: Readonly<Record<WatchState['verdict'], Style>> = {
  leak: 'leak',
  growth: 'growth',
  'not-a-leak': 'fine',
  inconclusive: 'unsure',
};

/** Two lines, one where there is hardly room. */
function verdictLines({ verdict, early, summary }: WatchState, { columns, rows }: Screen): readonly Line[] {
  const word = early ? 'TOO EARLY' : VERDICT_WORDS[verdict];
  const lines = wrap([span(`${word}  `, STYLES[verdict])], words(summary), columns, 2);
  const most = rows < 12 ? 1 : rows < 20 ? 2 : 3;
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), cutLine(lines[most - 1] ?? [], columns)];
}

/** A line that is not the last of its text. */
const cutLine = (line: Line, columns: number): Line =>
  lineColumns(line) + 2 <= columns ? [...line, span(' …')] : [...line.slice(0, -1), span('…')];

function listLines(state: WatchState, look: WatchLook, screen: Screen, room: number): readonly Line[] {
  const { columns, ascii } = screen;
  const roomy = room >= 16;
  const caches = sortCaches(state.caches, look.sort);
  const least = Math.min(caches.length, Math.max(3, Math.floor(room * 0.4)));
  const rows = Math.max(2, room - least - (roomy ? 4 : 1));
  const buckets = shownBuckets(state, rows);
  const left = room - buckets.length - (roomy ? 4 : 1);
  const available = state.availableBytes === undefined ? '' : `, ${spellBytes(state.availableBytes)} available`;
  const title = clip(` where the memory is (${spellBytes(state.totalBytes)}${available})`, columns);
  return [
    ...(roomy ? [[], [span(title, 'strong')]] : []),
    ...buckets.map((b) => bucketRow(b, state.totalBytes, columns, ascii)),
    ...(roomy ? [[]] : []),
    cacheHead(columns, look.sort, ascii),
    ...cacheLines(caches, look, { ...screen, rows: left }, state.totalBytes),
    ...(caches.length === 0 ? [noCaches(state, columns)] : []),
  ];
}

function noCaches({ problems }: WatchState, columns: number): Line {
  const why = problems.find(({ what }) => what === '/proc/slabinfo')?.why ?? 'none is large enough';
  return [span(clip(` no caches: ${why}`, columns), 'faint')];
}

/** The largest, and always what is unexplained; in the order of size. */
function shownBuckets({ buckets }: WatchState, rows: number): readonly WatchedBucket[] {
  if (buckets.length <= rows) return buckets;
  const must = buckets.filter(
    (b) => b.name === 'unexplained' || (b.sure && (b.rate?.bytesPerHour ?? 0) > 0 && b.layer !== 'none'),
  );
  const chosen = new Set([...must, ...buckets].slice(0, rows));
  return buckets.filter((b) => chosen.has(b));
}

/** A window of the list that the cursor is in. */
function cacheLines(
  caches: readonly WatchedCache[],
  look: WatchLook,
  { columns, rows, ascii }: Screen,
  total: number,
): readonly Line[] {
  const cursor = selectedIndex(caches, look);
  const start = Math.max(0, Math.min(cursor - Math.floor(rows / 2), caches.length - rows));
  return caches
    .slice(start, start + Math.max(0, rows))
    .map((cache, i) => cacheRow(cache, { selected: start + i === cursor, width: columns, ascii, total }));
}

const KEYS = ['q quit', '? help', 's sort', 'p pause', 'm mark', '↑↓ select', 'Enter details'];
const DETAIL_KEYS = ['Esc back', '↑↓ other cache', 'm mark', 'q quit'];

function footLine(look: WatchLook, { columns, ascii }: Screen): Line {
  if (look.marking !== undefined) {
    const typed = `mark this moment as: ${look.marking}`;
    return [span(clip(`${typed}${ascii ? '_' : '█'}  Enter keeps it, Esc does not`, columns), 'mark')];
  }
  if (look.message !== undefined) return [span(clip(look.message, columns), 'mark')];
  const keys = look.page === 'list' ? KEYS : look.page === 'help' ? ['any key: back'] : DETAIL_KEYS;
  let text = '';
  for (const key of keys) if (text.length + key.length + 2 <= columns) text += `${text === '' ? '' : '  '}${key}`;
  return [span(ascii ? text.replace('↑↓', 'up/down') : text, 'faint')];
}
