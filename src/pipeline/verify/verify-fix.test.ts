import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../../../testkit/read-input.ts';
import { every, simulateHost, type MadeHost } from '../../../testkit/sample-simulator.ts';
import type { VerifyFix } from '../../findings/verify-fix.ts';
import type { Sample } from '../../model/sample.ts';
import { renderVerifyFix } from '../../report/verify-fix.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { parseRange } from './parse-range.ts';
import { verifyFix, type VerifyOptions } from './verify-fix.ts';

const MIB = 2 ** 20;
const HOUR = 3600;
const folder = scratch();

/** A sample every ten minutes of a host that leaks `rate` MiB/h. */
function samples(seed: number, hours: number, rate: number, host: Partial<MadeHost> = {}): readonly Sample[] {
  const leak = (t: number): number => (rate * MIB * t) / HOUR;
  return simulateHost({ seed, noise: 'white', scale: MIB / 2, leak, ...host }, every(600, hours * 6));
}

function database(name: string, all: readonly Sample[], marks: readonly (readonly [string, number])[] = []): string {
  const file = join(folder, name);
  const store = new SampleStore(file, 'record');
  for (const sample of all) store.append(sample);
  for (const [mark, at] of marks) store.addEvent({ at, boot: 'made-up', kind: 'mark', name: mark });
  store.close();
  return file;
}

/** Copies of /proc as an operator makes them, a folder for each moment. */
function copies(name: string, all: readonly Sample[]): string {
  const kib = (n: number | undefined): number => Math.round((n ?? 0) / 1024);
  for (const [i, { uptime, totalBytes, buckets, unexplained, caches }] of all.entries()) {
    const at = join(folder, name, `moment-${String(i).padStart(3, '0')}`);
    mkdirSync(at, { recursive: true });
    const fields: readonly (readonly [string, number | undefined])[] = [
      ['MemTotal', totalBytes],
      ['MemFree', buckets.get('free')],
      ['Buffers', 0],
      ['Cached', buckets.get('page-cache')],
      ['AnonPages', buckets.get('processes')],
      ['Slab', (buckets.get('slab-unreclaimable') ?? 0) + (buckets.get('slab-reclaimable') ?? 0)],
      ['SReclaimable', buckets.get('slab-reclaimable')],
      ['SUnreclaim', buckets.get('slab-unreclaimable')],
      ['PageTables', buckets.get('page-tables')],
    ];
    writeFileSync(join(at, 'meminfo'), fields.map(([n, bytes]) => `${`${n}:`.padEnd(16)}${kib(bytes)} kB\n`).join(''));
    writeFileSync(join(at, 'uptime'), `${uptime.toFixed(2)} ${uptime.toFixed(2)}\n`);
    const rows = caches.map(({ name: cache, bytes }) => {
      const slabs = Math.round(bytes / 4096);
      return `${cache} ${slabs * 32} ${slabs * 32} 128 32 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`;
    });
    writeFileSync(
      join(at, 'slabinfo'),
      `slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n${rows.join('')}`,
    );
    if (unexplained === undefined) throw new Error('the simulator measures it');
  }
  return join(folder, name);
}

const verify = (
  before: readonly string[],
  after: readonly string[],
  more: Partial<VerifyOptions> = {},
): Promise<VerifyFix> => verifyFix({ before, after, remaining: 0.2, ...more });

// The time limit is for a machine that is busy.
describe('kleak verify-fix', { timeout: 60_000 }, () => {
  const leaking = database('leaking.db', samples(1, 48, 6));

  test('two recordings: a leak that is gone is fixed, and what decides is the cache and its layer', async () => {
    const document = await verify([leaking], [database('fixed.db', samples(2, 48, 0))]);
    expect(document.outcome).toBe('fixed');
    const deciding = document.quantities.filter((q) => q.decides).map((q) => q.name);
    expect(deciding.toSorted()).toEqual(['kmalloc-128', 'slab-unreclaimable']);
    const cache = document.quantities.find((q) => q.name === 'kmalloc-128');
    expect((cache?.before.bytesPerHour ?? 0) / MIB).toBeCloseTo(6, 0);
    expect(cache?.left.high).toBeLessThan(0.2);
    expect(document.summary).toMatch(/^Fixed: .* of the old rate is left \(95 % sure\)\.$/);
    const text = renderVerifyFix(document, { width: 80, colour: false });
    expect(text).toMatch(/^FIXED {2}/);
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('one that goes on is not fixed, also at half the rate', async () => {
    for (const rate of [6, 3]) {
      const document = await verify([leaking], [database(`rate-${rate}.db`, samples(3, 24, rate))]);
      expect(document.outcome).toBe('not-fixed');
      expect(document.summary).toContain('of the old rate is left');
    }
  });

  test('an hour after the change it asks for hours, and says what they are for', async () => {
    const document = await verify([leaking], [database('early.db', samples(4, 1, 0))]);
    expect(document.outcome).toBe('not-enough-data');
    expect(document.moreHours).toBeGreaterThan(1);
    expect(document.moreHours).toBeLessThan(100);
    expect(document.summary).toMatch(/record \d+ hours more: then a fix shows four times out of five\.$/);
  });

  test('where nothing leaked before there is nothing to verify', async () => {
    const document = await verify([database('healthy.db', samples(5, 24, 0))], [leaking]);
    expect(document.outcome).toBe('not-enough-data');
    expect(document.summary).toMatch(/nothing grew for sure in the .* before/);
    expect(document.newGrowth.map((g) => g.name)).toContain('kmalloc-128');
  });

  test('one recording in two parts, by a mark or by times', async () => {
    const before = samples(6, 48, 6);
    const end = before.at(-1);
    const after = simulateHost({ seed: 7, noise: 'white', scale: MIB / 2 }, every(600, 288, (end?.uptime ?? 0) + 600));
    const mark = (end?.at ?? 0) + 1000;
    const db = database('both.db', [...before, ...after], [['downgraded', mark]]);
    const byMark = await verify(['..downgraded'], ['downgraded..'], { db });
    expect([byMark.outcome, byMark.before.samples, byMark.after.samples]).toEqual(['fixed', 288, 288]);
    const iso = new Date(mark).toISOString();
    expect(await verify([`..${iso}`], [`${iso}..`], { db })).toMatchObject({
      outcome: 'fixed',
      after: { samples: 288 },
    });
    await expect(verify(['..upgraded'], ['upgraded..'], { db })).rejects.toThrow(
      /upgraded: is neither a time nor a mark .*marks there: downgraded/,
    );
    await expect(verify(['yesterday'], ['..'], { db })).rejects.toThrow(/is no range/);
  });

  test('folders of copies of /proc: all moments in one folder, or a folder for each', async () => {
    const sick = copies('sick', samples(8, 12, 30));
    const well = copies('well', samples(9, 12, 0));
    const document = await verify([sick], [well]);
    expect(document).toMatchObject({ outcome: 'fixed', before: { hosts: 1, samples: 72 } });
    const moments = [0, 24, 48, 71].map((i) => join(sick, `moment-0${String(i).padStart(2, '0')}`));
    expect((await verify(moments, [well])).before).toMatchObject({ hosts: 1, samples: 4 });
  });

  test('cohorts: several hosts on each side', async () => {
    const cohort = (name: string, rate: number, seed: number): string[] =>
      [0, 1, 2, 3].map((i) => database(`${name}-${i}.db`, samples(seed + i, 24, rate * (0.9 + i / 15))));
    const old = cohort('old', 6, 20);
    expect(await verify(old, cohort('new', 0, 40))).toMatchObject({
      outcome: 'fixed',
      before: { hosts: 4 },
      after: { hosts: 4 },
    });
    expect((await verify(old, cohort('same', 6, 60))).outcome).toBe('not-fixed');
  });

  test('only what was asked for is looked at; a name that is none is refused with those there are', async () => {
    const fixed = database('fixed-2.db', samples(2, 48, 0));
    const document = await verify([leaking], [fixed], { only: ['kmalloc-128'] });
    expect(document.quantities.map((q) => q.name)).toEqual(['kmalloc-128']);
    await expect(verify([leaking], [fixed], { only: ['no-such'] })).rejects.toThrow(/no-such: is no bucket or cache/);
  });

  test('a cache that is listed no more never held enough to leak as before', async () => {
    const without = samples(2, 48, 0).map((s) => ({ ...s, caches: s.caches.filter((c) => c.name !== 'kmalloc-128') }));
    const document = await verify([leaking], [database('unloaded.db', without)], { only: ['kmalloc-128'] });
    expect(document.outcome).toBe('fixed');
  });

  test('hosts of different size are noted', async () => {
    const small = database('small.db', samples(2, 24, 0, { totalBytes: 4 * 2 ** 30 }));
    expect((await verify([leaking], [small])).notes.join()).toMatch(
      /hosts differ: 8\.0 GiB of RAM before, 4\.0 GiB after/,
    );
  });

  test('too few moments, a missing file: one line each', async () => {
    await expect(verify([leaking], [database('two.db', samples(1, 48, 6).slice(0, 2))])).rejects.toThrow(
      /a slope needs three/,
    );
    await expect(verify([leaking], [join(folder, 'missing.db')])).rejects.toThrow(/no such database; /);
  });
});

describe('a range of a recording', () => {
  const last = Date.parse('2026-09-14T12:00:00Z');
  const marks = [
    { at: 1000, name: 'fixed' },
    { at: 2000, name: 'fixed' },
  ];

  test.each([
    ['..', {}],
    ['2026-09-14..', { from: Date.parse('2026-09-14T00:00:00Z') }],
    ['..2026-09-14T08:00', { to: Date.parse('2026-09-14T08:00:00Z') }],
    ['2026-09-14 08:00..2026-09-14T10:30:00+02:00', { from: last - 4 * 3.6e6, to: last - 3.5 * 3.6e6 }],
    ['-3h..-30m', { from: last - 3 * 3.6e6, to: last - 1.8e6 }],
    ['fixed..', { from: 2000 }],
  ])('%s', (text, range) => {
    expect(parseRange(text, last, marks)).toEqual(range);
  });

  test('that ends before it begins is refused', () => {
    expect(() => parseRange('-1h..-2h', last, marks)).toThrow(/ends before it begins/);
  });
});
