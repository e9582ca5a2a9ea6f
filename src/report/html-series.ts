import type { Diagnosis, Series } from '../findings/diagnosis.ts';
import type { Rate } from '../findings/finding.ts';
import { spellBytes, spellHours } from './amounts.ts';
import { html, type Markup } from './html-markup.ts';
import { rateSlope } from './rate-words.ts';

/** Room of a chart: figures at the left, times below. */
const WIDTH = 380;
const HEIGHT = 210;
const LEFT = 68;
const RIGHT = 12;
const TOP = 16;
const BOTTOM = 26;
/** More are listed by name only: nobody compares a hundred charts. */
const MOST = 24;

type Points = Series['points'];

/** Each series as a line over time, with the band in which its slope lies where a finding or the head gives one. */
export function seriesSection(diagnosis: Diagnosis): Markup | undefined {
  const drawable = diagnosis.series
    .map((series) => ({ ...series, points: series.points.filter((point) => point.every(Number.isFinite)) }))
    .filter(({ points }) => points.length >= 2);
  if (drawable.length === 0) return undefined;
  const hidden = drawable.slice(MOST);
  const isDated = drawable.some(({ points }) => isWallClock(points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0));
  return html`<section aria-labelledby="series">
    <h2 id="series">Over time${isDated && html` <small>UTC</small>`}</h2>
    <div class="charts">${drawable.slice(0, MOST).map((series) => chart(series, rateOf(diagnosis, series)))}</div>
    ${hidden.length > 0 && html`<p class="note">Not drawn: ${hidden.map(({ name }) => name).join(', ')}.</p>`}
  </section>`;
}

/** The rate that some finding gives for this series: of its cache, type or layer. */
function rateOf({ findings }: Diagnosis, { name, rate: known }: Series): Rate | undefined {
  return (
    known ?? findings.find(({ rate, subject, layer }) => rate && (subject?.cache === name || layer === name))?.rate
  );
}

function chart({ name, points, marks = [] }: Series, rate: Rate | undefined): Markup {
  const times = points.map(([time]) => time);
  const values = points.map(([, value]) => value);
  const [start, end] = [least(times), most(times)];
  const ticks = niceTicks(Math.min(0, least(values)), most(values));
  const [low, high] = [ticks[0]?.value ?? 0, ticks.at(-1)?.value ?? 1];
  const x = (time: number): number => LEFT + ((time - start) / (end - start || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const path = points.map(([time, value]) => `${px(x(time))},${px(y(value))}`).join(' ');
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const told = `${name}: from ${spellBytes(first)} to ${spellBytes(last)} in ${spellHours((end - start) / 3600)}`;
  return html`<figure class="chart">
    <figcaption>
      <b>${name}</b> ${spellBytes(first)} → ${spellBytes(last)}${rate && html`<br /><small>${rateSlope(rate)}</small>`}
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${told}">
      ${ticks.map(
        ({ value, label }) =>
          html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(value))}" y2="${px(y(value))}" /><text
              class="tick end"
              x="${LEFT - 8}"
              y="${px(y(value) + 4)}"
              >${label}</text
            >`,
      )}
      ${timeTicks(start, end).map(
        ([time, word], i, all) =>
          html`<text
            class="tick ${i === 0 ? '' : i === all.length - 1 ? 'end' : 'mid'}"
            x="${px(x(time))}"
            y="${HEIGHT - 7}"
            >${word}</text
          >`,
      )}
      ${rate && band(points, rate, x, y, [low, high])}
      ${markLines(
        marks.filter(({ seconds }) => seconds >= start && seconds <= end),
        x,
      )}
      <polyline class="line" points="${path}" />
      ${
        points.length <= 60 &&
        points.map(
          ([time, value]) =>
            html`<circle class="dot" cx="${px(x(time))}" cy="${px(y(value))}" r="2">
              <title>${moment(time, start, end)}: ${spellBytes(value)}</title>
            </circle>`,
        )
      }
    </svg>
  </figure>`;
}

type Mark = NonNullable<Series['marks']>[number];

/** Nearer ones share a label: the first distance at which labels do not run into each other. */
const NEAR = [15, 24, 38];
/** Of a label, about. */
const CHARACTER = 6.2;
/** More lines are drawn paler: the curve is what matters. */
const MANY = 12;

interface MarkGroup {
  readonly marks: readonly Mark[];
  readonly at: number;
  readonly label: string;
}

/** Drawn through; what happened is told to who points at it, and in words elsewhere on the page, by the label. */
function markLines(marks: readonly Mark[], x: (time: number) => number): readonly Markup[] {
  const choices = NEAR.map((near) => groupMarks(marks, x, near));
  const groups = choices.find(isLegible) ?? choices.at(-1) ?? [];
  return groups.map(
    ({ marks: all, at, label }) =>
      html`<g class="mark${marks.length > MANY && ' many'}">
        <title>${all.map(({ text }) => text).join('; ')}</title>
        ${all.map(({ seconds }) => html`<line x1="${px(x(seconds))}" x2="${px(x(seconds))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" />`)}
        ${label !== '' && html`<text x="${px(at)}" y="${TOP - 3}">${label}</text>`}
      </g>`,
  );
}

function groupMarks(marks: readonly Mark[], x: (time: number) => number, near: number): readonly MarkGroup[] {
  const groups: Mark[][] = [];
  for (const mark of marks.toSorted((a, b) => a.seconds - b.seconds)) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (last && first && x(mark.seconds) - x(first.seconds) < near) last.push(mark);
    else groups.push([mark]);
  }
  return groups.map((all) => {
    const labels = all.flatMap(({ label }) => label ?? []);
    const label = labels.length > 1 ? `${labels[0] ?? ''}–${labels.at(-1) ?? ''}` : (labels[0] ?? '');
    const middle = (x(all[0]?.seconds ?? 0) + x(all.at(-1)?.seconds ?? 0)) / 2;
    const half = (label.length * CHARACTER) / 2;
    return { marks: all, at: Math.min(Math.max(middle, LEFT + half), WIDTH - half), label };
  });
}

const isLegible = (groups: readonly MarkGroup[]): boolean =>
  groups.every(({ at, label }, i) => {
    const before = groups[i - 1];
    return !before || at - before.at > ((label.length + before.label.length) / 2) * CHARACTER + 3;
  });

/** Between the least and the steepest slope that the interval allows, through the middle of the points. */
function band(
  points: Points,
  { low, high }: Rate,
  x: (time: number) => number,
  y: (value: number) => number,
  [bottom, top]: readonly [number, number],
): Markup | undefined {
  if (low === undefined || high === undefined) return undefined;
  const middle = mean(points.map(([time]) => time));
  const level = mean(points.map(([, value]) => value));
  const start = points[0]?.[0] ?? middle;
  const end = points.at(-1)?.[0] ?? middle;
  const on = (time: number, perHour: number): string =>
    `${px(x(time))},${px(y(Math.max(bottom, Math.min(top, level + ((time - middle) / 3600) * perHour))))}`;
  const corners = [on(start, low), on(middle, low), on(end, low), on(end, high), on(middle, high), on(start, high)];
  return html`<polygon class="band" points="${corners.join(' ')}" />`;
}

/** Round figures that enclose both ends, all in the unit that suits the span. */
export function niceTicks(low: number, high: number): readonly { readonly value: number; readonly label: string }[] {
  const span = Math.max(high - low, 4);
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(span) / 10));
  const unit = 1024 ** power;
  const rough = span / 4 / unit;
  const tens = 10 ** Math.floor(Math.log10(rough));
  const step = tens * ([1, 2, 5].find((n) => n * tens >= rough * 0.85) ?? 10);
  const from = Math.floor(low / unit / step);
  const to = Math.max(from + 1, Math.ceil(high / unit / step));
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const figure = Number(((from + i) * step).toPrecision(6));
    return { value: figure * unit, label: figure === 0 ? '0' : `${figure} ${UNITS[power] ?? ''}` };
  });
}
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Start, middle and end of the time axis in words. */
function timeTicks(start: number, end: number): readonly (readonly [number, string])[] {
  if (end <= start) return [[start, moment(start, start, end)]];
  return [start, (start + end) / 2, end].map((time) => [time, moment(time, start, end)] as const);
}

/** A wall clock's times as dates in UTC; any other clock's as time since the start. */
function moment(time: number, start: number, end: number): string {
  if (!isWallClock(start, end)) return time === start ? 'start' : `+${spellHours((time - start) / 3600)}`;
  const iso = new Date(time * 1000).toISOString();
  return end - start > 10 * 86_400 ? iso.slice(0, 10) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
}

const isWallClock = (start: number, end: number): boolean => start > 1e9 && end < 1e10;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / (values.length || 1);
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);
const px = (value: number): string => Number(value.toFixed(1)).toString();
