import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExposition } from './exposition.ts';

/** As `kleak export` and node_exporter answer. */
const TEXT = String.raw`# HELP kleak_memory_total_bytes Memory that the kernel manages (MemTotal).
# TYPE kleak_memory_total_bytes gauge
kleak_memory_total_bytes 25325268992

kleak_memory_bucket_bytes{bucket="page-cache"} 18505863168
kleak_driver_info{driver="i40e",version="2.3.6 \"x\"\\\n{}"} 1
node_load1 4.2e-05 1395066363000
go_gc_duration_seconds{quantile="0.5",} -Inf
up NaN
`;

describe('an exposition of metrics', () => {
  it('becomes samples with their labels', () => {
    const { samples, odd } = parseExposition(TEXT);
    expect(odd).toEqual([]);
    expect(samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])).toEqual([
      ['kleak_memory_total_bytes', {}, 25_325_268_992],
      ['kleak_memory_bucket_bytes', { bucket: 'page-cache' }, 18_505_863_168],
      ['kleak_driver_info', { driver: 'i40e', version: '2.3.6 "x"\\\n{}' }, 1],
      ['node_load1', {}, 0.000042],
    ]);
  });

  it('with lines that are none loses those and nothing else', () => {
    const { samples, odd } = parseExposition('a 1\n<html>\nb{x=1} 2\nc{x="1"\n{} 3\nd{x="1"}\ne 0x10\nf 4\n');
    expect(samples.map(({ name }) => name)).toEqual(['a', 'f']);
    expect(odd).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('cut at any byte never gives a sample that was not there but the last, shortened', () => {
    const all = parseExposition(TEXT).samples.map(({ name }) => name);
    for (let end = 0; end < TEXT.length; end++) {
      const found = parseExposition(TEXT.slice(0, end)).samples.map(({ name }) => name);
      expect(found.slice(0, -1)).toEqual(all.slice(0, Math.max(0, found.length - 1)));
    }
  });

  it('of any text, and of long lines, is read in time', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseExposition(text).samples.length >= 0));
    for (const part of ['a', 'a{', 'a{b="', 'a{b="c",', '\\"', '1', ' ', '1e', 'a{b="\\'])
      expect(parseExposition(part.repeat(100_000)).samples).toEqual([]);
  });
});
