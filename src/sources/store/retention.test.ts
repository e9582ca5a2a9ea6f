import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch } from '../../../testkit/read-input.ts';
import { bytes, seconds } from '../../base/units.ts';
import type { Sample } from '../../model/sample.ts';
import { retentionOf } from './retention.ts';
import { SampleStore } from './sample-store.ts';

const folder = scratch();
const DAY = 86_400_000;
const START = 1_800_000_000_000;
let files = 0;

/** Samples of the first days; where only some of them matter, of those alone. */
function filled(days: number, step: number, isOf: (day: number) => boolean = () => true): SampleStore {
  const store = new SampleStore(join(folder, `${files++}.db`), 'record');
  store.addEvents(
    Array.from({ length: days }, (_, day) => ({ at: START + day * DAY, boot: 'a', kind: 'mark', name: `day ${day}` })),
  );
  const samples: Sample[] = [];
  for (let at = 0; at < days * DAY; at += step) {
    if (!isOf(Math.floor(at / DAY))) continue;
    samples.push({
      at: START + at,
      boot: 'a',
      uptime: seconds(at / 1000),
      totalBytes: bytes(2 ** 30),
      buckets: new Map(),
      caches: [],
      // Every tenth looked at processes, and never the first of a minute.
      processes: at % (10 * step) === 3 * step ? [{ pid: 1, name: 'init', pss: bytes(4096) }] : [],
    });
  }
  store.appendAll(samples);
  return store;
}

function tidyAll(store: SampleStore, keep: number, now: number): number {
  let turns = 1;
  while (store.tidy(retentionOf(keep), now)) turns++;
  return turns;
}

describe('what a recording keeps', { timeout: 60_000 }, () => {
  it('is every sample of two days, one a minute of two weeks, one in ten minutes after that, in steps that end', () => {
    const store = filled(20, 30_000, (day) => [3, 16, 19].includes(day));
    const now = START + 20 * DAY;
    const turns = tidyAll(store, 90 * DAY, now);
    expect(turns).toBeGreaterThan(2);
    const kept = (day: number): number =>
      [...store.samples({ from: START + day * DAY, to: START + (day + 1) * DAY - 1 })].length;
    expect([kept(19), kept(16), kept(3)]).toEqual([2880, 1440, 144]);
    expect(tidyAll(store, 90 * DAY, now)).toBe(1);
    store.close();
  });

  it('prefers, of those it thins, the samples that looked at processes', () => {
    const store = filled(4, 30_000, (day) => day === 0 || day === 3);
    tidyAll(store, 90 * DAY, START + 4 * DAY);
    const old = [...store.samples({ to: START + DAY })];
    expect(old.filter((s) => s.processes.length > 0)).toHaveLength(1440 / 5);
    store.close();
  });

  it('is deleted when it is older than asked for, events as well', () => {
    const store = filled(5, 600_000);
    tidyAll(store, 2 * DAY, START + 5 * DAY);
    expect(store.extent()).toEqual({ first: START + 3 * DAY, last: START + 5 * DAY - 600_000, samples: 288 });
    expect(store.events().map((e) => e.name)).toEqual(['day 3', 'day 4']);
    store.close();
  });

  it('does not wait for samples from the future, taken before the clock was set back', () => {
    const store = filled(1, 30_000);
    const [first] = store.samples();
    if (first) store.append({ ...first, at: START + 5000 * DAY });
    if (first) store.append({ ...first, at: START + DAY });
    tidyAll(store, 90 * DAY, START + 4 * DAY);
    expect(store.extent()?.samples).toBe(1442);
    tidyAll(store, 90 * DAY, START + 400 * DAY);
    expect(store.extent()?.samples).toBe(1);
    store.close();
  });
});
