import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormatError, type Parsed } from '../src/base/errors.ts';
import { cleanLines } from '../src/formats/text/line.ts';
import type { TextFormat } from '../src/formats/text/text-format.ts';

/** Mutated inputs tried per format: 500 in the tests, 20,000 by `npm run fuzz`. */
const MUTATIONS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 500);
/** Mutations start from a stretch of the sample, so that a long fixture does not make a slow test. */
const STRETCH = 6_000;

/** A capture from `fixtures/`, as text. */
export const fixture = (path: string): string => readFileSync(join(import.meta.dirname, '../fixtures', path), 'utf8');

/** Finds the first block of a format in a text and reads it; fails where there is none. */
export function readBlock<V>(format: TextFormat<string, V>, text: string, file = 'input'): Parsed<V> {
  const lines = cleanLines(text);
  const at = lines.findIndex((_, i) => format.claim(lines, i) > 0);
  expect(at, `${format.kind}: no block found`).toBeGreaterThanOrEqual(0);
  return format.parse(lines.slice(at, at + format.claim(lines, at)), file);
}

/**
 * What every format must stand: the sample cut at every byte, and mutated. No error but FormatError, no claim beyond
 * the lines given, and no hang (vitest's time limit).
 */
export function exerciseFormat(format: TextFormat<string, unknown>, sample: string): void {
  it('stands its sample cut at every byte', () => {
    const text = sample.slice(0, STRETCH);
    for (let cut = 0; cut <= text.length; cut++) survive(format, text.slice(0, cut));
  }, 60_000);

  it(
    `stands ${MUTATIONS} mutated samples`,
    () => {
      const text = Buffer.from(sample.slice(0, STRETCH), 'latin1');
      const edit = fc.record({ at: fc.nat(Math.max(0, text.length - 1)), byte: fc.nat(255), run: fc.nat(40) });
      const drawn = fc.record({ flips: fc.array(edit, { maxLength: 12 }), drop: edit, repeat: edit });
      fc.assert(
        fc.property(drawn, ({ flips, drop, repeat }) => {
          const bytes = Buffer.from(text);
          for (const { at, byte } of flips) bytes[at] = byte;
          const kept = Buffer.concat([bytes.subarray(0, drop.at), bytes.subarray(drop.at + drop.run)]);
          const again = kept.subarray(repeat.at, repeat.at + repeat.run * 10);
          survive(format, Buffer.concat([kept, again]).toString('latin1'));
        }),
        { numRuns: MUTATIONS, seed: 20_261_121 },
      );
    },
    60_000 + MUTATIONS * 50,
  );
}

function survive(format: TextFormat<string, unknown>, text: string): void {
  const lines = cleanLines(text);
  for (let at = 0; at < lines.length; at++) {
    const claimed = format.claim(lines, at);
    if (claimed < 0 || at + claimed > lines.length) throw new Error(`${format.kind} claims beyond the end`);
    if (claimed === 0) continue;
    try {
      format.parse(lines.slice(at, at + claimed), 'input');
    } catch (cause) {
      if (!(cause instanceof FormatError)) throw cause;
    }
    at += claimed - 1;
  }
}
