import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kleakMetrics, stockMetrics, type MetricSeries } from '../../../testkit/fleet-metrics.ts';
import { makeFleet } from '../../../testkit/fleet-simulator.ts';
import { ROOT } from '../../../testkit/manifest.ts';
import { serveFleet } from '../../../testkit/query-api.ts';
import { runCommand } from '../../../testkit/run-command.ts';
import { diagnoseFleet } from './diagnose-fleet.ts';

const STEP = 21_600;

/** One host of eighty is sick, and alone in its version of a driver: field case A beside its peers. */
const fleet = makeFleet({
  seed: 41,
  hosts: 80,
  days: 30,
  step: STEP,
  cause: 'none',
  few: { attribute: 'driver_i40e', value: '2.3.6', hosts: 1 },
});
const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
const grid = { ...fleet.grid, start: end - STEP * (fleet.grid.count - 1) };
const series: readonly MetricSeries[] = [
  ...[...fleet.hosts()].flatMap(({ host }) => [...stockMetrics(host, grid), ...kleakMetrics(host, grid)]),
  // Two caches of the sick host: one grows, one is as large all the time.
  ...[2 ** 28, 0].map((grows, i) => ({
    name: 'kleak_slab_cache_bytes',
    labels: { instance: 'host-0:9999', job: 'kleak', cache: i === 0 ? 'kmalloc-2k' : 'dentry' },
    values: Float64Array.from({ length: grid.count }, (_, at) => 2 ** 30 + at * grows + (at % 3) * 4096),
  })),
];
const stock = series.filter(({ labels }) => labels['job'] === 'node');

describe('one sick host beside its healthy twins', { timeout: 120_000 }, () => {
  it('with kleak export’s metrics: the driver’s version that none of them has, and the cache that grows', async () => {
    await using server = await serveFleet(series, grid);
    const { leaking, twins, lacks } = await diagnoseFleet(server.url, { beside: ['host-0'] });
    const own = twins.find(({ host }) => host === 'host-0');
    expect(own?.peers).toBe(10);
    expect(own?.differs[0]).toEqual({ attribute: 'driver i40e', value: '2.3.6', peersWithIt: 0 });
    expect(leaking.find(({ host }) => host === 'host-0')?.caches?.map(({ cache }) => cache)).toEqual(['kmalloc-2k']);
    expect(lacks).toEqual([]);
  });

  it('with node_exporter’s alone: it is found sick, no driver is named, and what would name it is said', async () => {
    await using server = await serveFleet(stock, grid);
    const { leaking, twins, lacks, hosts } = await diagnoseFleet(server.url, { beside: ['host-0'] });
    expect(leaking.map(({ host }) => host)).toContain('host-0');
    expect(hosts.withKleak).toBe(0);
    const own = twins.find(({ host }) => host === 'host-0');
    expect(own?.peers).toBe(10);
    expect(JSON.stringify(own)).not.toContain('i40e');
    expect(own?.shared.join()).toContain('architecture = x86_64');
    expect(lacks.join()).toMatch(/no host runs kleak export: slab caches, driver and package versions are not known/);
  });

  it('a healthy host is set beside its like too, and one that is not there is listed', async () => {
    await using server = await serveFleet(series, grid);
    const { twins, unread, leaking } = await diagnoseFleet(server.url, { beside: ['host-5', 'host-500'] });
    expect(leaking.map(({ host }) => host)).not.toContain('host-5');
    expect(twins.map(({ host }) => host)).toContain('host-5');
    expect(unread).toContainEqual({ what: 'host-500', why: 'no such host among those of the metrics server' });
  });

  it.each([
    ['both exporters', series, /i40e = 2\.3\.6/, /kmalloc-2k/],
    ['node_exporter alone', stock, /kleak export/, /host-0/],
  ])('kleak fleet --beside prints it, from the metrics of %s', async (_, metrics, first, second) => {
    await using server = await serveFleet(metrics, grid);
    const { stdout, stderr } = await runCommand(join(ROOT, 'bin/kleak'), [
      'fleet',
      '--metrics',
      server.url,
      '--beside',
      'host-0',
    ]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(first);
    expect(stdout).toMatch(second);
  });
});
