import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GrowingCache, HostMetrics } from '../findings/host-metrics.ts';
import { has } from '../../testkit/read-input.ts';
import { METRICS_TYPE, renderMetrics } from './metrics.ts';

const deploy = join(import.meta.dirname, '../../deploy/prometheus');
const PROMTOOL = 'promtool';
const noPromtool = !has(PROMTOOL);

const cache = (name: string, i = 1): GrowingCache => ({
  cache: name,
  bytes: i * 1_000_000,
  objects: i * 1000,
  bytesPerSecond: { value: i, low: i / 2, high: i * 2 },
});

const sample: HostMetrics = {
  kleak: '0.1.0',
  kernelRelease: '6.1.0-54-cloud-amd64',
  sampling: { at: 1_795_704_932, seconds: 0.07, samples: 12, failures: 1, unread: 0 },
  memory: {
    total: 2 ** 33,
    available: 2 ** 32,
    buckets: [
      { name: 'page-cache', bytes: 2 ** 31 },
      { name: 'slab-unreclaimable', bytes: 2 ** 30 },
    ],
    unexplained: 5000,
    unexplainedLow: 0,
    unexplainedHigh: 9000,
  },
  cachesWatched: 150,
  growing: [cache('kmalloc-128'), cache('dentry', 2)],
  verdict: {
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: 0.8,
    bytesPerSecond: { value: 100, low: 90, high: 110 },
    exhaustion: 1_800_000_000,
    findings: [{ id: 'slab-cache-growth', layer: 'slab-unreclaimable', subject: 'kmalloc-128', bytes: 5_000_000 }],
  },
  drivers: [{ name: 'i40e', version: '2.3.6' }],
  packages: [{ name: 'curl', version: '7.19.7-37.el6' }],
  meminfo: new Map([
    ['Slab', 12],
    ['MemTotal', 34],
  ]),
  pagesFreed: 77,
  booted: 1_795_000_000,
};
const empty: HostMetrics = {
  kleak: '0.1.0',
  sampling: { seconds: 0, samples: 0, failures: 3, unread: 0 },
  cachesWatched: 0,
  growing: [],
  drivers: [],
  packages: [],
  meminfo: new Map(),
};

const seriesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('metrics', () => {
  it('say what was measured, in numbers and units of Prometheus', async () => {
    const series = seriesOf(await renderMetrics(sample, { nodeNames: 'all' }));
    expect(series).toEqual(
      expect.arrayContaining([
        'kleak_build_info{version="0.1.0",kernel="6.1.0-54-cloud-amd64"} 1',
        'kleak_memory_bucket_bytes{bucket="page-cache"} 2147483648',
        'kleak_memory_unexplained_low_bytes 0',
        'kleak_slab_cache_growth_low_bytes_per_second{cache="kmalloc-128"} 0.5',
        'kleak_verdict{verdict="growth"} 1',
        'kleak_verdict{verdict="leak"} 0',
        'kleak_driver_info{driver="i40e",version="2.3.6"} 1',
        'kleak_package_info{package="curl",version="7.19.7-37.el6"} 1',
        'node_memory_Slab_bytes 12',
        'node_memory_MemTotal_bytes 34',
        'node_vmstat_pgfree 77',
      ]),
    );
    expect(METRICS_TYPE).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('leave out what was not measured, and never say 0 for it', async () => {
    const text = await renderMetrics(empty, { nodeNames: 'all' });
    expect(text).not.toMatch(/kleak_memory|kleak_verdict|kleak_driver|node_|timestamp/);
    expect(text).toContain('kleak_sample_failures_total 3');
  });

  it('have names of node_exporter only where they are wanted', async () => {
    expect(await renderMetrics(sample, { nodeNames: 'none' })).not.toContain('node_');
    expect(await renderMetrics(sample, { nodeNames: 'clean' })).not.toContain('MemTotal_bytes');
  });

  it('are at most 300 series, whatever there is', async () => {
    const many = <T>(make: (i: number) => T): T[] => Array.from({ length: 5000 }, (_, i) => make(i));
    const huge: HostMetrics = {
      ...sample,
      memory: {
        total: 1,
        available: 1,
        buckets: many((i) => ({ name: `b${i}`, bytes: i })),
        unexplained: 1,
        unexplainedLow: 0,
        unexplainedHigh: 2,
      },
      growing: many((i) => cache(`cache-${i}`, i)),
      verdict: {
        verdict: 'leak',
        layer: 'vmalloc',
        confidence: 1,
        bytesPerSecond: { value: 1, low: 1, high: 1 },
        exhaustion: 1,
        findings: many((i) => ({ id: `f${i}`, layer: 'vmalloc', subject: `s${i}`, bytes: i })),
      },
      drivers: many((i) => ({ name: `d${i}`, version: '1' })),
      packages: many((i) => ({ name: `p${i}`, version: '1' })),
      meminfo: new Map(many((i) => [`x${i}`, i] as const)),
    };
    const text = await renderMetrics(huge, { nodeNames: 'all' });
    expect(seriesOf(text).length).toBeLessThanOrEqual(300);
    expect(text).toContain('kleak_slab_caches_growing 5000');
  });

  it('stay one line each, whatever a cache is called', async () => {
    const hostile = ['a"b\\c\nkleak_verdict{verdict="leak"} 1', '\u001b[2J\u202e', 'x'.repeat(5000), '\ud800', 'ünï'];
    const text = await renderMetrics({ ...sample, growing: hostile.map((name) => cache(name)) }, { nodeNames: 'none' });
    for (const line of seriesOf(text))
      expect(line).toMatch(/^[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})? -?[\d.e+]+$/);
    expect(['\u001b', '\u202e', 'x'.repeat(200)].filter((one) => text.includes(one))).toEqual([]);
    expect(text).not.toContain('\nkleak_verdict{verdict="leak"} 1');
  });

  it.skipIf(noPromtool)('pass the lint of promtool (skipped where there is none)', async () => {
    for (const nodeNames of ['none', 'clean'] as const) {
      for (const metrics of [sample, empty]) expect(lint(await renderMetrics(metrics, { nodeNames }))).toBe('0 ');
    }
    // node_exporter's own names are what they are; the lint has nothing else to say.
    const told = lint(await renderMetrics(sample, { nodeNames: 'all' }));
    expect(told).toBe("3 node_memory_MemTotal_bytes metric names should be written in 'snake_case' not 'camelCase'");
  });
});

describe('alert rules', () => {
  it('ask for no metric that is not there', async () => {
    const there = new Set((await renderMetrics(sample, { nodeNames: 'none' })).match(/^kleak_\w+/gm));
    const asked = readFileSync(join(deploy, 'kleak.rules.yml'), 'utf8').match(/\bkleak_\w+/g) ?? [];
    expect(asked.filter((name) => !there.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(8);
  });

  it.skipIf(noPromtool)('pass promtool, and fire when they should (skipped where there is none)', () => {
    for (const args of [
      ['check', 'rules', 'kleak.rules.yml'],
      ['test', 'rules', 'kleak.rules.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { cwd: deploy });
      expect([status, status === 0 ? '' : `${stdout.toString()}${stderr.toString()}`]).toEqual([0, '']);
    }
  });
});

function lint(text: string): string {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text });
  return `${status} ${stdout.toString()}${stderr.toString()}`.trimEnd().replace(/^0$/, '0 ');
}
