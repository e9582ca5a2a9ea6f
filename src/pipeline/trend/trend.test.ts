import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeRecording } from '../../../testkit/made-recording.ts';
import { scratch } from '../../../testkit/read-input.ts';
import { trend } from './trend.ts';

const folder = scratch();
const CAPTURES = new URL('../../../fixtures/captures/', import.meta.url).pathname;
const capture = (name: string): readonly string[] =>
  ['start', 'mid', 'end'].map((moment) => join(CAPTURES, name, moment));

describe('the trend of a recording', { timeout: 60_000 }, () => {
  it('names the cache that grows, since when, what changed then, and when memory is used up', async () => {
    const file = writeRecording(join(folder, 'leak.db'), 72, {
      kmalloc: (h) => 40 + Math.max(0, h - 24) * 30,
      events: [
        { hour: 3, kind: 'service-started', name: 'cron.service' },
        { hour: 24.05, kind: 'module-loaded', name: 'leaky' },
        { hour: 60, kind: 'mark', name: 'lunch' },
      ],
    });
    const document = await trend([file]);
    expect(document).toMatchObject({ verdict: 'growth', layer: 'slab-unreclaimable', schema: 'kleak.trend/1' });
    expect(document.findings.map((f) => [f.id, f.subject?.cache])).toEqual([['trend-cache', 'kmalloc-128']]);
    const [first] = document.quantities;
    expect(first).toMatchObject({ name: 'kmalloc-128', direction: 'rising' });
    expect((first?.rate?.bytesPerHour ?? 0) / 2 ** 20).toBeCloseTo(30, 0);
    expect(first?.changes).toHaveLength(1);
    expect(first?.changes[0]).toMatchObject({ kind: 'bend', coincides: [{ kind: 'module-loaded', name: 'leaky' }] });
    expect(first?.end?.hours).toBeGreaterThan(300);
    expect(Date.parse(document.rate?.exhaustion ?? '')).toBeGreaterThan(Date.parse('2026-11-10'));
    expect(document.recording).toMatchObject({ samples: 864, from: '2026-11-01T00:00:00.000Z', intervalSeconds: 300 });
  });

  it('tells a jump with the package that came with it from growth', async () => {
    const file = writeRecording(join(folder, 'jump.db'), 48, {
      unexplained: (h) => (h < 20 ? 60 : 700),
      events: [{ hour: 20, kind: 'package-changed', name: 'i40e-dkms', detail: '2.3.6 → 2.4.10' }],
    });
    const document = await trend([file]);
    expect(document.verdict).toBe('not-a-leak');
    const unexplained = document.quantities.find((q) => q.kind === 'unexplained');
    expect(unexplained?.changes).toMatchObject([
      { kind: 'step', coincides: [{ name: 'i40e-dkms', detail: '2.3.6 → 2.4.10' }] },
    ]);
  });

  it('finds memory that no counter explains, over reboots', async () => {
    const file = writeRecording(join(folder, 'pages.db'), 72, {
      unexplained: (h) => 60 + (h % 30) * 25,
      boot: (h) => `boot-${Math.floor(h / 30)}`,
    });
    const document = await trend([file]);
    expect(document).toMatchObject({ verdict: 'growth', layer: 'page-allocator' });
    expect(document.boots).toHaveLength(3);
    expect((document.rate?.bytesPerHour ?? 0) / 2 ** 20).toBeCloseTo(25, 0);
  });

  it('says of a cache that gives way under pressure that it cannot tell, and of one that rests that it is none', async () => {
    const grows = await trend([writeRecording(join(folder, 'dentry.db'), 72, { dentry: (h) => 80 + h * 20 })]);
    expect([grows.verdict, grows.layer]).toEqual(['inconclusive', 'slab-reclaimable']);
    const rests = await trend([writeRecording(join(folder, 'tooth.db'), 72, { dentry: (h) => 80 + (h % 6) * 100 })]);
    expect(rests.verdict).toBe('not-a-leak');
    expect(rests.quantities.find((q) => q.name === 'dentry')?.teeth?.count).toBeGreaterThan(8);
  });

  it('says of what grew and stopped that it did', async () => {
    const document = await trend([
      writeRecording(join(folder, 'stopped.db'), 72, { kmalloc: (h) => 40 + Math.min(h, 30) * 40 }),
    ]);
    expect([document.verdict, document.findings[0]?.id]).toEqual(['inconclusive', 'trend-stopped']);
    expect(document.summary).toMatch(
      /^Nothing that somebody holds is seen to grow now; kmalloc-128 grew, .* and stands still since\.$/,
    );
  });

  it('looks at the last part only, where that is asked for', async () => {
    const file = writeRecording(join(folder, 'since.db'), 72, { kmalloc: (h) => 40 + Math.min(h, 30) * 40 });
    expect((await trend([file], { since: Date.parse('2026-11-02T12:00:00Z') })).verdict).toBe('not-a-leak');
  });

  it('reads copies of /proc of one host as well', async () => {
    const document = await trend(capture('page-allocator-leak'));
    expect(document.recording.samples).toBe(3);
    expect(document.verdict).toBe('inconclusive');
    expect(document.quantities.find((q) => q.kind === 'unexplained')).toMatchObject({
      direction: 'unclear',
      rateUnknown: '3 readings; 8 are needed',
    });
  });

  it('refuses in a line what is no series', async () => {
    const empty = writeRecording(join(folder, 'empty.db'), 0, {});
    const given = [
      [empty],
      [join(folder, 'none.db')],
      [join(CAPTURES, 'healthy/start')],
      [writeRecording(join(folder, 'two.db'), 1, {}), empty],
    ];
    for (const inputs of given) await expect(trend(inputs)).rejects.toThrow(/^[^\n]+: [^\n]+; [^\n]+$/);
  });
});
