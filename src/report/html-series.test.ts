import { expect, it } from 'vitest';
import { slabLeak } from '../../testkit/sample-diagnosis.ts';
import { htmlSource } from './html-markup.ts';
import { niceTicks, seriesSection } from './html-series.ts';

const labels = (low: number, high: number): readonly string[] => niceTicks(low, high).map(({ label }) => label);

it('marks the axis with round figures in one unit', () => {
  expect(labels(0, 1.1 * 1024 ** 3)).toEqual(['0', '0.5 GiB', '1 GiB', '1.5 GiB']);
  expect(labels(0, 18 * 1024 ** 2)).toEqual(['0', '5 MiB', '10 MiB', '15 MiB', '20 MiB']);
  expect(labels(0, 900)).toEqual(['0', '200 B', '400 B', '600 B', '800 B', '1000 B']);
});

it('encloses the values, with few marks, whatever they are', () => {
  for (const high of [0, 1, 7, 1023, 1024, 1e6, 123_456_789, 9e15]) {
    const ticks = niceTicks(0, high);
    expect(ticks.at(-1)?.value).toBeGreaterThanOrEqual(high);
    expect(ticks.length).toBeLessThanOrEqual(8);
  }
});

it('draws a band where a finding gives the slope of the series', () => {
  const section = seriesSection(slabLeak);
  expect(section && htmlSource(section).match(/class="band"/g)).toHaveLength(2);
});

it('draws nothing of points that are no numbers, and no line of one point', () => {
  const points = [
    [0, Number.NaN],
    [1, 5],
  ] as const;
  expect(seriesSection({ ...slabLeak, series: [{ name: 'x', points }] })).toBeUndefined();
});

it('stands a long series', () => {
  const points = Array.from({ length: 200_000 }, (_, i) => [i, i] as const);
  expect(seriesSection({ ...slabLeak, series: [{ name: 'x', points }] })).toBeDefined();
});
