import { expect, it } from 'vitest';
import { readRowTime } from './table-time.ts';

it.each([
  ['2025-08-04 04:00:02', 'Time', { seconds: 1_754_280_002, clock: 'epoch' }],
  ['1754280002', 'timestamp', { seconds: 1_754_280_002, clock: 'epoch' }],
  ['1754280002500', 'timestamp', { seconds: 1_754_280_002.5, clock: 'epoch' }],
  ['00:45', 'Time', { seconds: 2700, clock: 'table' }],
  ['day 3', 'When', { seconds: 3 * 86_400, clock: 'table' }],
  ['90', 'Uptime (min)', { seconds: 5400, clock: 'table' }],
  ['2.5 h', 'Time', { seconds: 9000, clock: 'table' }],
  ['7', '#', undefined],
  ['before', 'Time', undefined],
])('reads %j under %j', (label, header, expected) => {
  expect(readRowTime(label, header, undefined)).toEqual(expected);
});

it('takes an earlier time of day for the next day', () => {
  const late = readRowTime('23:30', 'Time', undefined);
  const early = readRowTime('00:30', 'Time', late);
  expect(early?.seconds).toBe(24.5 * 3600);
  expect(readRowTime('00:30', 'Time', early)?.seconds).toBe(24.5 * 3600);
});
