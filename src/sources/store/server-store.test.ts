import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PushedSample } from './pushed-sample.ts';
import { ServerStore } from './server-store.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = 1_699_999_800_000;

let folder = '';
let store: ServerStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-store-'));
  store = new ServerStore(join(folder, 'server.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const sample = (at: number, more: Partial<PushedSample> = {}): PushedSample => ({
  at,
  boot: 'b',
  totalBytes: 2 ** 30,
  unexplained: -4096,
  buckets: { free: 0.5, vmalloc: 12_288 },
  caches: [
    { name: 'dentry', bytes: 8192 },
    { name: 'kmalloc-64', bytes: 4096 },
  ],
  ...more,
});
const every = (step: number, from: number, to: number): PushedSample[] =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, i) => sample(from + i * step));
const push = (samples: readonly PushedSample[], host = 'db-1'): string => store.push(host, {}, samples, [], NOW);
const tidy = (now = NOW): void => {
  while (store.tidy(now)) continue;
};

describe('the store of a server', { timeout: 60_000 }, () => {
  it('gives back what was pushed, whatever the order of caches', () => {
    const turned = sample(NOW + 1, { caches: sample(0).caches.toReversed(), unexplained: 5 });
    expect(push([sample(NOW), turned])).toBe('kept');
    expect(store.samples('db-1', 10)).toEqual([sample(NOW), sample(NOW + 1, { unexplained: 5 })]);
    expect(store.samples('db-1', 10, { caches: false })[0]?.caches).toEqual([]);
    expect(store.host('db-1')?.samples).toBe(2);
  });

  it('has the names of a host’s caches once, not in every sample', () => {
    push(every(MINUTE, NOW - DAY, NOW));
    const database = new DatabaseSync(join(folder, 'server.db'), { readOnly: true });
    expect(database.prepare('SELECT count(*) AS n FROM layouts').get()).toEqual({ n: 1 });
    database.close();
  });

  it('of a clock that was wrong for a moment shows nothing, so that all else is seen; of one that is always wrong what there is', () => {
    push([...every(MINUTE, NOW - DAY, NOW), sample(0), sample(NOW + 9000 * DAY)]);
    const shown = store.samples('db-1', 100);
    expect(shown.length).toBeGreaterThan(90);
    expect([shown[0]?.at, shown.at(-1)?.at, store.sampleAt('db-1')?.at]).toEqual([
      expect.closeTo(NOW - DAY, -7),
      NOW - MINUTE,
      NOW - MINUTE,
    ]);
    push([sample(NOW + 9000 * DAY)], 'db-2');
    expect(store.samples('db-2', 100)).toHaveLength(1);
  });

  it('doubts a clock that no host shares, or, where none is heard, one that was set by more than a day', () => {
    expect([store.doubtClock(NOW, 0), store.doubtClock(NOW, 2 * DAY)]).toEqual([false, true]);
    push(every(MINUTE, NOW - DAY, NOW));
    expect([store.doubtClock(NOW, 0), store.doubtClock(NOW, 2 * DAY)]).toEqual([false, false]);
    const year = 365 * DAY;
    expect(store.doubtClock(NOW + year, year)).toBe(true);
    // The server's clock went a year ahead, and a host with the right one pushes.
    store.push('db-1', {}, [sample(NOW + 1)], [], NOW + year);
    expect([store.doubtClock(NOW + year, 0), store.doubtClock(NOW - year, year)]).toEqual([true, true]);
  });

  it('of many gives a few, evenly in time, with the newest', () => {
    push(every(10_000, NOW - DAY, NOW));
    const few = store.samples('db-1', 100);
    expect(few.length).toBeGreaterThan(98);
    expect(few.length).toBeLessThanOrEqual(100);
    expect(few.at(-1)?.at).toBe(NOW - 10_000);
    expect(few[0]?.at).toBeLessThan(NOW - 0.98 * DAY);
    const steps = few.slice(1).map(({ at }, i) => at - (few[i]?.at ?? 0));
    expect(Math.max(...steps)).toBeLessThan((1.2 * DAY) / 100);
    expect(store.samples('db-1', 1)).toEqual([sample(NOW - 10_000)]);
  });

  it('thins what is old and forgets what is older than a month', () => {
    push(every(10_000, NOW - DAY, NOW));
    push(every(MINUTE, NOW - 4 * DAY, NOW - 3 * DAY));
    push(every(10 * MINUTE, NOW - 40 * DAY, NOW - 29 * DAY));
    push([sample(NOW + 2 * DAY)]);
    tidy();
    const within = (from: number, to: number): number =>
      store.samples('db-1', 1e6).filter(({ at }) => at >= from && at < to).length;
    expect(within(NOW - 6 * 60 * MINUTE, NOW)).toBe(2160);
    expect(within(NOW - DAY, NOW - 7 * 60 * MINUTE)).toBe(17 * 60);
    expect(within(NOW - 4 * DAY, NOW - 3 * DAY)).toBe(144);
    expect(within(NOW - 41 * DAY, NOW - 30 * DAY)).toBe(0);
    expect(within(NOW - 30 * DAY, NOW - 29 * DAY)).toBe(144);
    expect(within(NOW, Infinity)).toBe(0);
    expect(store.host('db-1')?.samples).toBe(store.samples('db-1', 1e6).length);
  });

  it('thins what comes late too, and keeps one of each boot', () => {
    push(every(10_000, NOW - DAY, NOW - 0.9 * DAY));
    tidy();
    push([0, 1, 2, 3].map((i) => sample(NOW - 3 * DAY + i * 1000, { boot: i < 2 ? 'b' : 'c' })));
    tidy();
    expect(store.samples('db-1', 1e6).filter(({ at }) => at < NOW - 2 * DAY)).toHaveLength(2);
  });

  it('forgets hosts that were silent for a month, and no other', () => {
    push([sample(NOW)]);
    store.push('new', {}, [sample(NOW + 39 * DAY)], [], NOW + 39 * DAY);
    tidy(NOW + 40 * DAY);
    expect(store.hosts().map(({ name }) => name)).toEqual(['new']);
  });

  it('a database of the first version keeps its samples', () => {
    store.close();
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'kleak-store-'));
    const file = join(folder, 'server.db');
    const old = new DatabaseSync(file);
    old.exec(`CREATE TABLE hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL,
      first INTEGER NOT NULL, last INTEGER NOT NULL, samples INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE samples (host INTEGER NOT NULL REFERENCES hosts, at INTEGER NOT NULL, boot TEXT NOT NULL,
      total INTEGER NOT NULL, unexplained INTEGER, buckets TEXT NOT NULL, caches TEXT NOT NULL, PRIMARY KEY (host, at)) WITHOUT ROWID;
      INSERT INTO hosts VALUES (7, 'db-1', '{}', ${NOW}, ${NOW}, 1);
      PRAGMA user_version = 1; PRAGMA application_id = ${0x6b_6c_73_76}`);
    const { at, boot, totalBytes, buckets, caches } = sample(NOW);
    old
      .prepare('INSERT INTO samples VALUES (7, ?, ?, ?, -4096, ?, ?)')
      .run(at, boot, totalBytes, JSON.stringify(buckets), JSON.stringify(caches));
    old.close();
    store = new ServerStore(file);
    expect(store.samples('db-1', 10)).toEqual([sample(NOW)]);
  });

  it('has an end of hosts, and goes on taking samples of those it knows', () => {
    const small = new ServerStore(join(folder, 'small.db'), { mostHosts: 2 });
    const put = (host: string, at: number): string => small.push(host, {}, [sample(at)], [], NOW);
    expect([put('a', 1), put('b', 1), put('c', 1), put('a', 2)]).toEqual(['kept', 'kept', 'refused', 'kept']);
    expect(small.hosts()).toHaveLength(2);
    small.close();
  });
});
