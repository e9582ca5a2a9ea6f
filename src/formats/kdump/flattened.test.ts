import { describe, expect, it } from 'vitest';
import { ByteArraySource } from '../../../testkit/dump/byte-array-source.ts';
import { flattenedBy, madeBy, type ByteSink } from '../../../testkit/dump/byte-sink.ts';
import { madePage } from '../../../testkit/dump/page-map.ts';
import { isFlattened, unfold } from './flattened.ts';

const page = madePage(1, 20_000);
/** In pieces out of order; the last write covers parts of others. */
const write = (sink: ByteSink): void => {
  sink.write(8000, page.subarray(8000));
  sink.write(0, page.subarray(0, 100));
  sink.write(100, new Uint8Array(9000));
  sink.write(4000, page.subarray(4000, 9500));
  sink.write(100, page.subarray(100, 4000));
};
const unfolded = (bytes: Uint8Array): Uint8Array => {
  const { source } = unfold(new ByteArraySource(bytes));
  const all = new Uint8Array(source.size);
  return all.subarray(0, source.read(0, all));
};

describe('a flattened dump', () => {
  it('is told by its first bytes', () => {
    expect(isFlattened(flattenedBy(write))).toBe(true);
    expect(isFlattened(page)).toBe(false);
  });

  it.each([16, 37, 4096, 65_536])('unfolds to what was written, the later over the earlier: pieces of %i', (pieces) => {
    expect(Buffer.compare(unfolded(flattenedBy(write, pieces)), madeBy(write))).toBe(0);
    expect(unfold(new ByteArraySource(flattenedBy(write, pieces))).problems).toEqual([]);
  });

  it('is read at any offset, to its end and no further', () => {
    const { source } = unfold(new ByteArraySource(flattenedBy(write, 100)));
    for (const [offset, length] of [
      [0, 1],
      [99, 2],
      [9499, 500],
      [7000, 13_000],
      [19_990, 50],
      [50_000, 10],
    ] as const) {
      const target = new Uint8Array(length);
      const got = source.read(offset, target);
      expect(got).toBe(Math.max(0, Math.min(length, page.length - offset)));
      expect(Buffer.compare(target.subarray(0, got), page.subarray(offset, offset + got))).toBe(0);
    }
  });

  it('has nothing where nothing was written: a read ends there', () => {
    const { source } = unfold(
      new ByteArraySource(
        flattenedBy((sink) => {
          sink.write(0, page.subarray(0, 10));
          sink.write(100, page.subarray(100, 110));
        }),
      ),
    );
    const target = new Uint8Array(50);
    expect([0, 5, 10, 70, 99, 100].map((offset) => source.read(offset, target))).toEqual([10, 5, 0, 0, 0, 10]);
    expect(source.size).toBe(110);
  });

  it('that is cut off gives what is there, and says so', () => {
    const bytes = flattenedBy(write, 1000);
    const whole = madeBy(write);
    for (let end = 4096; end < bytes.length; end += 331) {
      const { source, problems } = unfold(new ByteArraySource(bytes.subarray(0, end)));
      expect(source.size).toBeLessThanOrEqual(whole.length);
      expect(problems).toHaveLength(1);
    }
  });

  it('with a segment of nonsense ends there', () => {
    const bytes = Buffer.from(flattenedBy(write, 1000));
    bytes.writeBigInt64BE(-7n, 4096 + 1016 * 3);
    const { source, problems } = unfold(new ByteArraySource(bytes));
    expect(source.size).toBe(11_000);
    expect(problems[0]?.problem).toMatch('a segment of nonsense');
  });

  it('of 300,000 small segments opens in less than a second', () => {
    const pieces = flattenedBy((sink) => sink.write(0, new Uint8Array(300_000 * 16)), 16);
    const start = performance.now();
    expect(unfold(new ByteArraySource(pieces)).source.size).toBe(300_000 * 16);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
