import { describe, expect, it } from 'vitest';
import { textFormats } from '../../formats/catalog.ts';
import { cleanLines } from '../../formats/text/line.ts';
import { splitBlocks } from '../../formats/text/split.ts';
import { MomentCollector } from './moments.ts';

const slab = (kib: number): string => `Slab: ${kib + 500} kB\nSReclaimable: 500 kB\nSUnreclaim: ${kib} kB\n`;
const FIRST = 'Fri  7 Feb 09:15:30 GMT 2020';
const SECOND = 'Fri  7 Feb 10:15:30 GMT 2020';
const HOUR = 3600;

/** Time and SUnreclaim in KiB of every moment, the times counted from FIRST. */
function momentsOf(...files: readonly string[]): readonly (readonly [time: number | undefined, kib: number])[] {
  const collector = new MomentCollector();
  for (const [i, text] of files.entries())
    for (const s of splitBlocks(textFormats, cleanLines(text), `f${i}`).sightings) collector.add(`f${i}`, '', s);
  return collector.finish().map(({ time, counters }) => {
    const held = counters.get('SUnreclaim')?.bytes ?? 0;
    return [time && time.seconds - Date.UTC(2020, 1, 7, 9, 15, 30) / 1000, held / 1024];
  });
}

describe('moments of a text', () => {
  it('gives a reading the time stamp before it', () => {
    expect(momentsOf(`${FIRST}\n${slab(100)}\n${SECOND}\n${slab(900)}`)).toEqual([
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('gives a reading the time stamp behind it where the text begins with a reading and ends with a stamp', () => {
    expect(momentsOf(`${slab(100)}${FIRST}\n\n${slab(900)}${SECOND}\n`)).toEqual([
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('takes the only stamp for the reading before it where nothing follows', () => {
    expect(momentsOf(`${slab(100)}${SECOND}\n`)).toEqual([[HOUR, 100]]);
  });

  it('leaves a reading before all stamps without a time where the last stamp has its reading', () => {
    expect(momentsOf(`${slab(50)}\n${FIRST}\n${slab(100)}\n${SECOND}\n${slab(900)}`)).toEqual([
      [undefined, 50],
      [0, 100],
      [HOUR, 900],
    ]);
  });

  it('puts a table without a time beside a reading without a time, not into a series, in any order of the files', () => {
    const series = `${slab(50)}\n${FIRST}\n${slab(100)}\n${SECOND}\n${slab(900)}`;
    const table = 'slabinfo - version: 2.1\nkmalloc-64 900 900 64 64 1 : tunables 0 0 0 : slabdata 15 15 0\n';
    for (const files of [
      [series, slab(700), table],
      [series, table, slab(700)],
      [table, slab(700), series],
    ]) {
      const collector = new MomentCollector();
      for (const [i, text] of files.entries())
        for (const s of splitBlocks(textFormats, cleanLines(text), `f${i}`).sightings) collector.add('in', `f${i}`, s);
      const withTable = collector.finish().filter(({ caches }) => caches !== undefined);
      expect(withTable.map(({ counters }) => counters.get('SUnreclaim')?.bytes)).toEqual([700 * 1024]);
    }
  });

  it('lets no stamp of one file reach the reading of another', () => {
    expect(momentsOf(slab(100), `${FIRST}\n`)[0]).toEqual([undefined, 100]);
  });
});

describe('moments of many captures', () => {
  const kib = (collector: MomentCollector): readonly number[] =>
    collector.finish().map(({ counters }) => (counters.get('SUnreclaim')?.bytes ?? 0) / 1024);
  const meminfo = (i: number, file: string): ReturnType<typeof splitBlocks>['sightings'] =>
    splitBlocks(textFormats, cleanLines(`MemTotal: 9000 kB\n${slab(i)}`), file).sightings;
  const ascending = (held: readonly number[]): boolean => held.every((n, i) => i === 0 || n > (held[i - 1] ?? 0));

  it('are thinned where there are a great many inputs, and the first and the last stay', () => {
    const collector = new MomentCollector();
    for (let i = 0; i < 2000; i++) for (const s of meminfo(i, `c${i}/meminfo`)) collector.add(`c${i}`, 'meminfo', s, i);
    const held = kib(collector);
    expect([held[0], held.at(-1)]).toEqual([0, 1999]);
    expect(held.length).toBeGreaterThan(250);
    expect(held.length).toBeLessThanOrEqual(513);
    expect(ascending(held)).toBe(true);
  });

  it('are thinned where one input holds a great many, and the first and the last stay', () => {
    const collector = new MomentCollector();
    for (let i = 0; i < 2000; i++)
      for (const s of meminfo(i, `all/${i}/meminfo`)) collector.add('all', `${i}/meminfo`, s, i);
    const held = kib(collector);
    expect([held[0], held.at(-1)]).toEqual([0, 1999]);
    expect(held.length).toBeGreaterThan(125);
    expect(held.length).toBeLessThanOrEqual(260);
    expect(ascending(held)).toBe(true);
  });

  it('are thinned where one text holds thousands without a time, and no other file’s table is put to one of them', () => {
    const collector = new MomentCollector();
    for (let i = 0; i < 5000; i++) for (const s of meminfo(i, 'in/all')) collector.add('in', 'all', s);
    const table = 'slabinfo - version: 2.1\nkmalloc-64 900 900 64 64 1 : tunables 0 0 0 : slabdata 15 15 0\n';
    for (const s of splitBlocks(textFormats, cleanLines(table), 'in/slabinfo').sightings)
      collector.add('in', 'slabinfo', s);
    const all = collector.finish();
    const held = all
      .filter(({ caches }) => caches === undefined)
      .map(({ counters }) => counters.get('SUnreclaim')?.bytes);
    expect([held[0], held.at(-1)]).toEqual([0, 4999 * 1024]);
    expect(held.length).toBeGreaterThan(1000);
    expect(held.length).toBeLessThanOrEqual(2048);
    expect(all).toHaveLength(held.length + 1);
  });

  it('keep the order in which they were given, whatever else is given between them', () => {
    const collector = new MomentCollector();
    const add = (input: string, path: string, i: number): void => {
      for (const s of meminfo(i, path === '' ? input : `${input}/${path}`)) collector.add(input, path, s);
    };
    add('a', 'proc/meminfo', 1);
    add('b', 'proc/meminfo', 2);
    add('c', '', 3);
    add('d', 'x/meminfo', 4);
    add('d', 'y/meminfo', 5);
    expect(kib(collector)).toEqual([1, 2, 3, 4, 5]);
  });
});
