import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratch } from '../../../testkit/read-input.ts';
import { bytes, seconds } from '../../base/units.ts';
import type { HostEvent, Sample } from '../../model/sample.ts';
import { SampleStore } from './sample-store.ts';
import { decodeAmounts, encodeAmounts, layoutOf } from './sample-codec.ts';

const base = scratch();
const folder = (): string => mkdtempSync(join(base, 'store-'));
const fresh = (): string => join(folder(), 'samples.db');

function sampleAt(at: number, more: Partial<Sample> = {}): Sample {
  return {
    at,
    boot: 'boot-1',
    uptime: seconds(at / 1000),
    totalBytes: bytes(8 * 2 ** 30),
    buckets: new Map([
      ['free', bytes(2 ** 30)],
      ['processes', bytes(2 ** 29)],
    ]),
    unexplained: bytes(4096 * 77),
    available: bytes(2 ** 31),
    caches: [
      { name: 'dentry', bytes: bytes(4096 * 1000), objects: 21_000 },
      { name: 'kmalloc-64', bytes: bytes(4096 * 3) },
    ],
    processes: [],
    ...more,
  };
}

describe('the sampling database', { timeout: 60_000 }, () => {
  it('gives back what was put in, in order, with events', () => {
    const file = fresh();
    const first = sampleAt(1000, { processes: [{ pid: 1, name: 'a name with spaces', pss: bytes(4096) }] });
    const second = sampleAt(2000, { boot: 'boot-2', caches: [] });
    const event: HostEvent = { at: 1500, boot: 'boot-1', kind: 'module-loaded', name: 'loop', detail: '32 KiB' };
    const store = new SampleStore(file, 'record');
    expect([store.append(first), store.append(second), store.addEvent(event)]).toEqual(
      Array.from({ length: 3 }, () => 'written'),
    );
    expect([...store.samples()]).toEqual([first, second]);
    store.close();
    const read = new SampleStore(file, 'read');
    expect([...read.samples()]).toEqual([first, second]);
    expect([...read.samples({ from: 1500 })]).toEqual([second]);
    expect(read.events()).toEqual([event]);
    expect(read.extent()).toEqual({ first: 1000, last: 2000, samples: 2 });
    read.close();
  });

  it('is read while another process records, and takes marks beside it', () => {
    const file = fresh();
    const store = new SampleStore(file, 'record');
    store.append(sampleAt(1000));
    const reader = new SampleStore(file, 'read');
    const marker = new SampleStore(file, 'annotate');
    marker.addEvent({ at: 1, boot: 'boot-1', kind: 'mark', name: 'before the test' });
    store.append(sampleAt(2000));
    expect([...reader.samples()]).toHaveLength(2);
    expect(reader.events()).toHaveLength(1);
    for (const open of [reader, marker, store]) open.close();
  });

  it('lets one process record', () => {
    const file = fresh();
    const store = new SampleStore(file, 'record');
    expect(() => new SampleStore(file, 'record')).toThrow(/another kleak record writes to it; stop that one/);
    store.close();
    new SampleStore(file, 'record').close();
  });

  it('keeps a corrupt file under another name and says so', () => {
    const file = fresh();
    const garbage = 'garbage, not a database '.repeat(500);
    writeFileSync(file, garbage);
    const store = new SampleStore(file, 'record');
    expect(store.notes).toHaveLength(1);
    const aside = readdirSync(join(file, '..')).find((name) => name.includes('.corrupt-')) ?? '';
    expect(readFileSync(join(file, '..', aside), 'utf8')).toBe(garbage);
    expect(store.notes[0]).toContain(aside);
    expect(store.append(sampleAt(1))).toBe('written');
    store.close();
  });

  it('keeps a file whose pages were overwritten', () => {
    const file = fresh();
    const store = new SampleStore(file, 'record');
    for (let i = 0; i < 200; i++) store.append(sampleAt(i * 1000, { boot: `boot-${i}` }));
    store.close();
    const content = readFileSync(file);
    content.fill(0xa5, 4096 + 100, content.length - 4096);
    writeFileSync(file, content);
    const again = new SampleStore(file, 'record');
    expect(again.notes[0]).toMatch(/was corrupt \(.*\); it is kept as .*\.corrupt-/);
    again.close();
  });

  it('refuses a newer one, another program’s, one that is not there, and a folder that cannot be written, in a line each', () => {
    const newer = fresh();
    new SampleStore(newer, 'record').close();
    const database = new DatabaseSync(newer);
    database.exec('PRAGMA user_version = 7');
    database.close();
    const foreign = fresh();
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    const refusals = [
      () => new SampleStore(newer, 'record'),
      () => new SampleStore(newer, 'read'),
      () => new SampleStore(foreign, 'record'),
      () => new SampleStore(foreign, 'read'),
      () => new SampleStore('/tmp/no-such-folder/samples.db', 'read'),
      () => new SampleStore('/tmp/no-such-folder/samples.db', 'record'),
    ].map((open) => {
      try {
        open();
        return 'opened';
      } catch (cause) {
        return cause instanceof Error ? `${cause.name}: ${cause.message}` : 'no error';
      }
    });
    for (const line of refusals) expect(line).toMatch(/^InputError: \S+: [^\n]+; [^\n]+$/);
    expect(refusals[0]).toContain('written by a newer kleak (it has version 7, this one knows 1)');
    expect(refusals[2]).toContain('is no recording of kleak');
    expect(existsSync(foreign)).toBe(true);
  });
});

describe('the stored form of a sample', () => {
  it('is exact for any amounts', () => {
    const amount = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 40 }).map((pages) => pages * 4096),
      fc.integer({ min: 0, max: 2 ** 51 }),
    );
    fc.assert(
      fc.property(amount, amount, fc.array(fc.tuple(amount, fc.option(fc.nat()))), (total, free, caches) => {
        const {
          totalBytes,
          buckets,
          caches: list,
        } = sampleAt(0, {
          totalBytes: bytes(total),
          buckets: new Map([['free', bytes(free)]]),
          caches: caches.map(([held, objects], i) => ({
            name: `cache-${i}`,
            bytes: bytes(held),
            ...(objects === null ? {} : { objects }),
          })),
        });
        const amounts = { totalBytes, buckets, caches: list };
        expect(decodeAmounts(encodeAmounts(amounts, layoutOf(amounts)), layoutOf(amounts))).toEqual(amounts);
      }),
    );
  });

  it('cut at any byte is told from a whole one', () => {
    const sample = sampleAt(0);
    const whole = encodeAmounts(sample, layoutOf(sample));
    for (let at = 0; at < whole.length; at++)
      expect(decodeAmounts(whole.subarray(0, at), layoutOf(sample))).toBeUndefined();
  });
});
