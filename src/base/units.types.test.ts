import { expect, it } from 'vitest';
import type { Finding } from '../findings/finding.ts';
import { bytes, kibibytes, pages, type Bytes } from './units.ts';

/** Lines that must not compile. `tsc` fails on the day one of them starts to. */
export const mustNotCompile = (): readonly unknown[] => {
  // @ts-expect-error pages are not bytes
  const wrongUnit: Bytes = pages(3);
  // @ts-expect-error a plain number has no unit
  const noUnit: Bytes = 4096;
  const bare: Finding = {
    id: 'x',
    title: 't',
    summary: 's',
    verdict: 'leak',
    layer: 'none',
    confidence: 1,
    bytes: kibibytes(1),
    // @ts-expect-error a claim needs evidence
    evidence: [],
    next: [],
  };
  // @ts-expect-error what was handed out is readonly
  bare.bytes = bytes(2);
  return [wrongUnit, noUnit, bare];
};

it('is checked by the compiler', () => {
  expect(mustNotCompile).toBeTypeOf('function');
});

it('refuses what is no exact, non-negative, whole amount', () => {
  for (const n of [-1, 0.5, 2 ** 53, Number.NaN, Infinity]) expect(() => bytes(n)).toThrow(RangeError);
});
