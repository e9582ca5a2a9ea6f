import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../../testkit/made-kernel.ts';
import { searchText, searchWords } from './scan.ts';

/** 2 MiB and a page: three stretches that are read one by one. */
const FRAMES = 513;
const made = new MadeKernel(FRAMES, {});
const { physical } = made.kernel.memory;
const SIZE = FRAMES * 4096;
/** A page that the dump lacks. */
const GONE = 511 * 4096;
const put = (at: number, value: bigint): void => made.put(MADE_BASE + BigInt(at), value);
put(8, 0xffffffff81234567n);
put(0x1000, 0xffffffff81230001n);
put(2 ** 20 - 8, 0xffffffff81234567n);
put(2 ** 20, 0xffffffff81234567n);
put(SIZE - 8, 0xffffffff81234567n);
put(GONE, 0xffffffff81234567n);
made.text(MADE_BASE + BigInt(2 ** 20 + 4090), 'over the end');
made.exclude(MADE_BASE + BigInt(GONE));

const words = (value: bigint, ignored = 0n, size: 2 | 4 | 8 = 8, start = 0, length = SIZE): number[] =>
  [...searchWords(physical, start, length, [{ value, ignored }], size)].flatMap((hit) => hit?.at ?? []);

describe('a search', () => {
  it('finds a word wherever it lies, and not in what the dump lacks', () => {
    expect(words(0xffffffff81234567n)).toEqual([8, 2 ** 20 - 8, 2 ** 20, SIZE - 8]);
  });

  it('passes over bits that do not matter', () => {
    expect(words(0xffffffff81230000n, 0xffffn)).toEqual([8, 0x1000, 2 ** 20 - 8, 2 ** 20, SIZE - 8]);
  });

  it('finds numbers of 32 and of 16 bits', () => {
    expect(words(0x81230001n, 0n, 4)).toEqual([0x1000]);
    expect(words(0x8123n, 0n, 2).slice(0, 2)).toEqual([10, 0x1002]);
  });

  it('keeps to a range', () => {
    expect(words(0xffffffff81234567n, 0n, 8, 9, 2 ** 20)).toEqual([2 ** 20 - 8, 2 ** 20]);
  });

  it('takes what is missing for nothing, not for zeros', () => {
    const zeros = [...searchWords(physical, GONE - 4096, 8192, [{ value: 0n, ignored: 0n }], 8)].flatMap(
      (hit) => hit?.at ?? [],
    );
    expect(zeros).toHaveLength(512);
    expect(Math.max(...zeros)).toBeLessThan(GONE);
  });

  it('finds several values, in the order of memory', () => {
    const both = [
      { value: 0xffffffff81234567n, ignored: 0n },
      { value: 0xffffffff81230001n, ignored: 0n },
    ];
    const found = [...searchWords(physical, 0, 0x2000, both, 8)].flatMap((hit) => hit ?? []);
    expect(found).toEqual([
      { at: 8, value: 0xffffffff81234567n },
      { at: 0x1000, value: 0xffffffff81230001n },
    ]);
  });

  it('finds texts, over the ends of pages too', () => {
    const found = [...searchText(physical, 0, SIZE, ['over the'])].flatMap((hit) => hit ?? []);
    expect(found.map(({ at, text }) => [at, text.replace(/\.+$/, '')])).toEqual([[2 ** 20 + 4090, 'over the end']]);
  });

  it('breathes after each stretch, so that it can be ended', () => {
    expect([...searchWords(physical, 0, SIZE, [{ value: 1n, ignored: 0n }], 8)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
