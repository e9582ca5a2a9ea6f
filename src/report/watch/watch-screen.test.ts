import { describe, expect, test } from 'vitest';
import { every, simulateHost, type MadeHost } from '../../../testkit/sample-simulator.ts';
import type { WatchState } from '../../findings/watch.ts';
import { gateOf, measureRate } from '../../pipeline/watch/tracks.ts';
import { describeWatch } from '../../pipeline/watch/watch-state.ts';
import { lineColumns, printLines } from '../text-line.ts';
import { FIRST_LOOK, type WatchLook } from './watch-look.ts';
import { renderWatch } from './watch-screen.ts';

const MIB = 2 ** 20;

/** The state after some time on a made-up host. */
function stateAfter(seconds: number, host: Partial<MadeHost> = {}): WatchState {
  const samples = simulateHost(
    { seed: 3, noise: 'white', scale: 30 * 1024, ...host },
    every(Math.max(2, seconds / 300), Math.min(300, Math.floor(seconds / 2)) + 1),
  );
  const gate = gateOf(samples[0]?.totalBytes ?? 0);
  return describeWatch(
    {
      samples,
      taken: samples.length,
      recorded: 0,
      marks: [{ at: 1_790_000_000_000, name: 'x\u001b[31m' }],
      problems: [],
    },
    (_, points) => measureRate(points, gate),
  );
}

const leaking = stateAfter(7200, { leak: (t) => (40 * MIB * t) / 3600 });

interface Size {
  readonly columns: number;
  readonly rows: number;
  readonly ascii?: boolean;
}

function screen(state: WatchState | undefined, look: Partial<WatchLook>, { ascii = false, ...size }: Size): string {
  return printLines(renderWatch(state, { ...FIRST_LOOK, ...look }, { ...size, ascii }), false);
}

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 40, rows: 15 },
  { columns: 24, rows: 8 },
  { columns: 200, rows: 60 },
  { columns: 10, rows: 3 },
];

describe('what is known', () => {
  test('is too early for a word in the first minutes', () => {
    const { verdict, early, summary } = stateAfter(120);
    expect([verdict, early]).toEqual(['inconclusive', true]);
    expect(summary).toMatch(/^2 min of at least 10 min watched; so far nothing/);
  });

  test('is growth without suspicion in the first hour', () => {
    const { verdict, early, summary } = stateAfter(1500, { leak: (t) => (200 * MIB * t) / 3600 });
    expect([verdict, early]).toEqual(['inconclusive', true]);
    expect(summary).toMatch(/^So far slab, unreclaimable grows by .*, fastest kmalloc-128; a leak goes on for longer/);
  });

  test('is a suspicion after two hours of growth, with the cache', () => {
    expect([leaking.verdict, leaking.early]).toEqual(['growth', false]);
    expect(leaking.summary).toContain('fastest kmalloc-128');
    expect(leaking.caches[0]).toMatchObject({ name: 'kmalloc-128', sure: true });
    expect((leaking.caches[0]?.rate?.bytesPerHour ?? 0) / MIB).toBeCloseTo(40, -1);
  });

  test('is that nothing grows, with its bound, where nothing did for hours', () => {
    const { verdict, early, summary } = stateAfter(14_400);
    expect([verdict, early]).toEqual(['not-a-leak', false]);
    expect(summary).toMatch(/less than .* \(95 % sure\)/);
  });

  test('has no rate of less than a minute: a burst would be told as if it went on for an hour', () => {
    expect(stateAfter(40).buckets.every((b) => b.rate === undefined)).toBe(true);
  });
});

describe('the screen', () => {
  test.each(SIZES)('has at most $rows lines of $columns columns, on every page', (size) => {
    for (const page of ['list', 'details', 'help'] as const) {
      for (const state of [undefined, leaking, stateAfter(10)]) {
        const lines = renderWatch(state, { ...FIRST_LOOK, page }, { ascii: false, ...size });
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        expect(Math.max(...lines.map(lineColumns))).toBeLessThanOrEqual(size.columns);
      }
    }
  });

  test('at 80 × 24 shows verdict, buckets, unexplained, the growing cache with its rate, and the keys', () => {
    const text = screen(leaking, {}, { columns: 80, rows: 24 });
    expect(text).toMatch(/SUSPECTED LEAK {2}Slab, unreclaimable grows by/);
    expect(text).toMatch(/unexplained .* MiB/);
    expect(text).toMatch(/▶kmalloc-128 .*\+\d+\.\d MiB\/h [▁▂▃▄▅▆▇█]+/);
    expect(text).toMatch(/q quit {2}\? help {2}s sort {2}p pause {2}m mark/);
    expect(text.trimEnd().split('\n')).toHaveLength(24);
  });

  test('at 40 × 15 still shows the verdict, unexplained and the growing cache', () => {
    const text = screen(leaking, {}, { columns: 40, rows: 15 });
    expect(text).toContain('SUSPECTED LEAK');
    expect(text).toContain('unexplained');
    expect(text).toContain('kmalloc-128');
  });

  test('says that it is paused, and sorts as it is told', () => {
    expect(screen(leaking, { paused: true }, { columns: 80, rows: 24 })).toMatch(/^kleak watch .* PAUSED$/m);
    const names = (text: string): string[] =>
      [...text.matchAll(/^.(dentry|filp|kmalloc-128)\b/gm)].map((m) => m[1] ?? '');
    expect(names(screen(leaking, { sort: 'size' }, { columns: 80, rows: 24 }))).toEqual([
      'kmalloc-128',
      'dentry',
      'filp',
    ]);
    expect(names(screen(leaking, { sort: 'name' }, { columns: 80, rows: 24 }))).toEqual([
      'dentry',
      'filp',
      'kmalloc-128',
    ]);
  });

  test('details show one cache with its rate, its interval and a picture', () => {
    const text = screen(leaking, { page: 'details', selected: 'kmalloc-128' }, { columns: 80, rows: 24 });
    expect(text).toMatch(/holds 1\d\d MiB in .* objects; \+\d\d(\.\d)? MiB in 2 hours/);
    expect(text).toMatch(/rate: \+\d+\.\d MiB\/h, 95 % sure (?:about|between)/);
    expect(text).toContain('not reclaimable');
    expect(text).toContain('█');
  });

  test('a cache that is gone leaves the cursor on the first', () => {
    expect(screen(leaking, { selected: 'gone' }, { columns: 80, rows: 24 })).toMatch(/^▶kmalloc-128/m);
  });

  test('names that would act on a terminal are spelled out', () => {
    const [first, ...others] = leaking.caches;
    if (!first) throw new Error('no cache');
    const hostile = { ...leaking, caches: [{ ...first, name: '\u001b[2Jx' }, ...others] };
    for (const page of ['list', 'details'] as const) {
      const text = screen(hostile, { page, marking: '\u001b[0m' }, { columns: 80, rows: 24 });
      expect(text).not.toContain('\u001b');
      expect(text).toContain(String.raw`\x1b[2Jx`);
    }
  });

  test('without Unicode nothing is drawn beyond ASCII but words', () => {
    const text = screen(leaking, {}, { columns: 80, rows: 24, ascii: true });
    expect(text).toMatch(/^>kmalloc-128 .*[_.=*#-]+$/m);
    expect(text).not.toMatch(/[█▏▁▶↑]/);
  });

  test('says why there are no caches', () => {
    const none: WatchState = {
      ...leaking,
      caches: [],
      problems: [{ what: '/proc/slabinfo', why: 'permission denied; run as root' }],
    };
    expect(screen(none, {}, { columns: 80, rows: 24 })).toContain('no caches: permission denied; run as root');
  });
});
