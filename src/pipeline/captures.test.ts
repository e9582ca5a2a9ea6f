import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Layer, Verdict } from '../findings/finding.ts';
import { diagnose } from './diagnose.ts';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const moments = (name: string): readonly string[] =>
  ['start', 'mid', 'end']
    .filter((m) => readdirSync(join(CAPTURES, name)).includes(m))
    .map((m) => join(CAPTURES, name, m));

/** What is known of each capture: see fixtures/captures/ORIGIN.md. */
const TRUTH: Readonly<Record<string, readonly [Verdict, Layer, string | undefined]>> = {
  healthy: ['not-a-leak', 'none', undefined],
  'negative-dentries': ['not-a-leak', 'slab-reclaimable', 'dentry'],
  'page-allocator-leak': ['growth', 'page-allocator', undefined],
  'path-references': ['growth', 'slab-reclaimable', 'sock_inode_cache'],
  'sequence-file-6.12': ['growth', 'slab-unreclaimable', 'kmalloc-cg-32'],
  'sequence-file': ['leak', 'slab-unreclaimable', 'kmalloc-cg-32'],
  'tty-references': ['leak', 'slab-unreclaimable', 'kmalloc-cg-1k'],
};

const answer = (d: Diagnosis): readonly unknown[] => [d.verdict, d.layer, d.findings[0]?.subject?.cache];

describe.each(Object.entries(TRUTH))('the capture %s', (name, truth) => {
  test('is answered the same whether its moments come one by one, in the wrong order, or in one directory', async () => {
    const [forward, backward, whole] = await Promise.all([
      diagnose(moments(name)),
      diagnose(moments(name).toReversed()),
      diagnose([join(CAPTURES, name)]),
    ]);
    expect(answer(forward)).toEqual(truth);
    expect(answer(backward)).toEqual(truth);
    expect(answer(whole)).toEqual(truth);
    expect(forward.snapshots.length).toBe(moments(name).length);
    expect(whole.rate).toEqual(forward.rate);
  });

  test('has memory that adds up, evidence in files that were given, and a rate only where something rises', async () => {
    const d = await diagnose(moments(name));
    const { buckets = [], totalBytes = 0, unaccountedBytes = 0 } = d.accounting ?? {};
    expect(buckets.reduce((n, b) => n + b.bytes, unaccountedBytes)).toBe(totalBytes);
    for (const { evidence, next } of d.findings) {
      expect(evidence.length).toBeGreaterThan(0);
      expect(next.every((n) => ['none', 'low', 'high'].includes(n.risk))).toBe(true);
      const files = evidence.flatMap((e) => (e.source.kind === 'line' ? [e.source.file] : []));
      expect(files.filter((file) => !file.includes(name))).toEqual([]);
    }
    expect((d.rate?.bytesPerHour ?? 0) > 0).toBe(name !== 'healthy');
  });
});

test('one moment of a leak is not yet called a leak, unless a detector says so', async () => {
  const [start, end] = [moments('sequence-file').at(0) ?? '', moments('sequence-file').at(-1) ?? ''];
  expect((await diagnose([start])).verdict).not.toBe('leak');
  expect((await diagnose([end])).verdict).toBe('leak');
});

test('two different hosts are compared, and the one that leaks is examined', async () => {
  const [leaking = '', healthy = ''] = [moments('sequence-file').at(-1), moments('healthy').at(-1)];
  const d = await diagnose([healthy, leaking]);
  expect(d.verdict).toBe('leak');
  expect(d.host?.release).toMatch(/^6\.1\.192/);
});
