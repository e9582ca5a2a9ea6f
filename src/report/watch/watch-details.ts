import type { WatchedCache, WatchState } from '../../findings/watch.ts';
import { spellBytes, spellBytesBetween, spellCount, spellHours, spellRate } from '../amounts.ts';
import { clip, pad, span, words, wrap, type Line } from '../text-line.ts';
import { signed } from './watch-rows.ts';
import type { Screen } from './watch-screen.ts';

/** One cache in full: figures, then how it went. */
export function detailLines(cache: WatchedCache, state: WatchState, screen: Screen, room: number): readonly Line[] {
  const { columns } = screen;
  const figures: readonly Line[] = [
    [],
    [span(clip(` ${cache.name}`, columns), 'strong')],
    ...[heldWords(cache), rateLine(cache), kindWords(cache)].flatMap((text) =>
      wrap([span(' ')], words(text), columns, 1),
    ),
    ...markLines(state, columns),
    [],
  ];
  const height = room - figures.length - 1;
  return height < 3 ? figures : [...figures, ...chartLines(cache, screen, Math.min(height, 16))];
}

function heldWords({ bytes, objects, changeBytes, points }: WatchedCache): string {
  const count = objects === undefined ? '' : ` in ${spellCount(objects)} objects`;
  const span = spellHours((points.at(-1)?.[0] ?? 0) / 3600);
  return `holds ${spellBytes(bytes)}${count}; ${signed(changeBytes, spellBytes)} in ${span}`;
}

function rateLine({ rate, sure }: WatchedCache): string {
  if (rate?.low === undefined || rate.high === undefined) return 'rate: too early to tell';
  if (rate.low === 0 && rate.high === 0) return 'it did not change';
  const bounds = spellBytesBetween(Math.min(rate.low, rate.high), Math.max(rate.low, rate.high));
  return `rate: ${signed(rate.bytesPerHour, spellRate)}, 95 % sure ${bounds} an hour${sure ? '' : '; may be nothing but noise'}`;
}

const kindWords = ({ reclaimable }: WatchedCache): string =>
  reclaimable
    ? 'flagged reclaimable: growth alone is no leak; kleak reclaim-test tells'
    : 'not reclaimable: what is in it stays until its owner frees it';

function markLines({ marks }: WatchState, columns: number): readonly Line[] {
  if (marks.length === 0) return [];
  const list = marks.slice(-3).map(({ at, name }) => `${new Date(at).toISOString().slice(11, 19)} ${name}`);
  return wrap([span(' marks: ', 'faint')], words(list.join('; ')), columns, 2);
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/** Bars over time between the least and the most, with both written beside. */
function chartLines({ points }: WatchedCache, { columns, ascii }: Screen, height: number): readonly Line[] {
  const width = Math.min(points.length, columns - 14);
  if (width < 4) return [[span(' a picture needs more samples', 'faint')]];
  const values = Array.from(
    { length: width },
    (_, i) => points[Math.floor(((i + 1) * points.length) / width) - 1]?.[1] ?? 0,
  );
  const least = Math.min(...values);
  const most = Math.max(...values, least + 1);
  const eighths = values.map((v) => Math.max(1, Math.round(((v - least) / (most - least)) * height * 8)));
  return Array.from({ length: height }, (_, row): Line => {
    const floor = (height - 1 - row) * 8;
    const text = eighths
      .map((e) => {
        const here = Math.min(8, Math.max(0, e - floor));
        return ascii ? (here >= 4 || (floor === 0 && here > 0) ? '#' : ' ') : EIGHTHS.charAt(here);
      })
      .join('');
    const label = row === height - 1 ? spellBytes(least) : row === 0 && most > least + 1 ? spellBytes(most) : '';
    return [span(` ${label.padStart(10)} `, 'faint'), span(text, 'name'), pad(0)];
  });
}
