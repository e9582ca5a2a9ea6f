import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plural, spellBytes, spellBytesBetween, spellConfidence, spellCount } from './amounts.ts';
import { spellHours, spellRate, spellShare, spellTime } from './amounts.ts';
import { rateWords } from './rate-words.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

describe('spellBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [4096, '4 KiB'],
    [1536, '1.5 KiB'],
    [768 * 1024, '768 KiB'],
    [9.2 * MIB, '9.2 MiB'],
    [829.4 * MIB, '829 MiB'],
    [92.7 * GIB, '92.7 GiB'],
    [125.6 * GIB, '125.6 GiB'],
    [1023.9 * MIB, '1.0 GiB'],
    [3 * 1024 * GIB, '3.0 TiB'],
    [-9.2 * MIB, '−9.2 MiB'],
  ])('spells %d as %s', (bytes, spelled) => {
    expect(spellBytes(bytes)).toBe(spelled);
  });

  it('is never more than five digits, and right to a twentieth', () => {
    const powers = { B: 0, KiB: 1, MiB: 2, GiB: 3, TiB: 4, PiB: 5 } as const;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const [, figure = '', unit = ''] = /^([\d.]{1,6}) (\w+)$/.exec(spellBytes(bytes)) ?? [];
        const power = Object.entries(powers).find(([name]) => name === unit)?.[1] ?? -1;
        expect(Math.abs(Number(figure) * 1024 ** power - bytes)).toBeLessThanOrEqual(bytes / 19);
      }),
    );
  });

  it('spells both ends of an interval in one unit', () => {
    expect(spellBytesBetween(92.1 * GIB, 93.4 * GIB)).toBe('between 92.1 and 93.4 GiB');
    expect(spellBytesBetween(2 * MIB, 2.01 * MIB)).toBe('about 2.0 MiB');
    expect(spellBytesBetween(900 * MIB, 1.2 * GIB)).toBe('between 0.9 and 1.2 GiB');
  });
});

it('spells rates by the hour, and slow ones by the day', () => {
  expect(spellRate(4.2 * MIB)).toBe('4.2 MiB/h');
  expect(spellRate(0.3 * MIB)).toBe('7.2 MiB per day');
});

it('spells a rate with its bounds and its end', () => {
  expect(rateWords({ bytesPerHour: 4.2 * MIB, low: 3.9 * MIB, high: 4.5 * MIB, hoursLeft: 288 }, 'growth')).toBe(
    'grows by 4.2 MiB/h, 95 % sure: between 3.9 and 4.5 MiB; memory is used up in about 12 days',
  );
  expect(rateWords({ bytesPerHour: -4.2 * MIB, low: -4.5 * MIB, high: -3.9 * MIB }, 'growth')).toBe(
    'shrinks by 4.2 MiB/h, 95 % sure: between 3.9 and 4.5 MiB',
  );
  expect(rateWords({ bytesPerHour: 1024 ** 2, hoursLeft: 5 }, 'not-a-leak')).toBe('grows by 1.0 MiB/h');
  expect(rateWords({ bytesPerHour: 1000 }, 'growth')).toBe('grows by 23 KiB per day');
});

it('spells counts with every digit below a million, and three above', () => {
  expect([0, 999, 29_974, 999_999, 1_770_000, 205_114_310, 1.2e9].map(spellCount)).toEqual([
    '0',
    '999',
    '29,974',
    '999,999',
    '1.77 million',
    '205 million',
    '1.2 billion',
  ]);
  expect(plural(1, 'object')).toBe('1 object');
});

it('spells shares so that nearly all is not all, and little is not nothing', () => {
  expect([0, 0.0001, 0.004, 0.02, 0.74, 0.999, 1].map(spellShare)).toEqual([
    '0 %',
    '< 0.1 %',
    '0.4 %',
    '2 %',
    '74 %',
    '99.9 %',
    '100 %',
  ]);
});

it('never calls a confidence certain that is not', () => {
  expect([0.9, 0.934, 0.999, 1].map(spellConfidence)).toEqual(['0.9', '0.93', '0.99', '1']);
});

it('spells durations in the unit that people would take', () => {
  expect([9.6 / 3600, 0.5, 1, 3.3, 11, 60, 288, 1200, 20_000].map(spellHours)).toEqual([
    '9.6 seconds',
    '30 minutes',
    '60 minutes',
    '3.5 hours',
    '11 hours',
    '2.5 days',
    '12 days',
    '7 weeks',
    '2 years',
  ]);
});

it('spells times without the letters of ISO 8601, and leaves what is none', () => {
  expect(spellTime('2026-09-26T16:00:00Z')).toBe('2026-09-26 16:00 UTC');
  expect(spellTime('soon')).toBe('soon');
});
