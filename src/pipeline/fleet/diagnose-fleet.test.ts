import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../findings/fleet.ts';
import type { FleetGrid } from '../../model/fleet.ts';
import { renderFleet } from '../../report/fleet/fleet-text.ts';
import { kleakMetrics, openMetrics, stockMetrics, type MetricSeries } from '../../../testkit/fleet-metrics.ts';
import { makeFleet } from '../../../testkit/fleet-simulator.ts';
import { hasPrometheus, hasVictoria, startPrometheus, startVictoria } from '../../../testkit/metrics-server.ts';
import { answer, serveFleet, serveRequests } from '../../../testkit/query-api.ts';
import { diagnoseFleet } from './diagnose-fleet.ts';

const STEP = 21_600;
const FEW = { attribute: 'driver_i40e', value: '2.3.6', hosts: 12 };

/** Field case C as a fleet, its last sample a few hours old. */
function fieldCase(hosts: number): { readonly series: readonly MetricSeries[]; readonly grid: FleetGrid } {
  const fleet = makeFleet({ seed: 3, hosts, days: 30, step: STEP, cause: 'none', few: FEW });
  const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
  const grid = { ...fleet.grid, start: end - STEP * (fleet.grid.count - 1) };
  const series = [...fleet.hosts()].flatMap(({ host }) => [...stockMetrics(host, grid), ...kleakMetrics(host, grid)]);
  return { series, grid };
}

function expectFieldCase(fleet: Fleet): void {
  expect(fleet.verdict).toBe('growth');
  expect(fleet.association?.label).toBe('driver i40e = 2.3.6');
  expect(fleet.association?.withIt).toEqual({ leaking: 12, healthy: 0 });
  expect(fleet.findings[0]?.owner).toEqual({ kind: 'driver', name: 'i40e' });
  expect(fleet.summary).toContain('Associated with driver i40e = 2.3.6');
}

describe('a fleet behind a metrics server', { timeout: 120_000 }, () => {
  const { series, grid } = fieldCase(150);

  it('400 hosts, 12 with one version of a driver: it is named, in bounded queries', async () => {
    const large = fieldCase(400);
    await using server = await serveFleet(large.series, large.grid);
    const fleet = await diagnoseFleet(server.url);
    expectFieldCase(fleet);
    expect(fleet.hosts.total).toBe(400);
    expect(fleet.load.queries).toBeLessThanOrEqual(12);
    expect(renderFleet(fleet)).toContain('12 of 12 leak');
  });

  it('from stock metrics alone the hosts are found, and what would tell more is said', async () => {
    await using server = await serveFleet(
      series.filter(({ labels }) => labels['job'] !== 'kleak'),
      grid,
    );
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.leaking).toBeGreaterThanOrEqual(12);
    expect(fleet.association).toBeUndefined();
    expect(fleet.lacks.join()).toContain('kleak export');
  });

  it('kleak’s own metrics alone are enough too', async () => {
    await using server = await serveFleet(
      series.filter(({ labels }) => labels['job'] === 'kleak'),
      grid,
    );
    const fleet = await diagnoseFleet(server.url);
    expectFieldCase(fleet);
    expect(fleet.hosts.withKleak).toBe(150);
  });

  it('with half the series gone the other half is judged, and what lacks is listed', async () => {
    const stock = series.filter(({ labels }) => labels['job'] !== 'kleak');
    const half = stock.filter(
      ({ name, labels }) => name !== 'node_memory_SUnreclaim_bytes' || /[02468]:/.test(labels['instance'] ?? ''),
    );
    await using server = await serveFleet(half, grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.healthy + fleet.hosts.leaking).toBe(75);
    expect(fleet.unread[0]?.why).toContain('lacks SUnreclaim');
  });

  it('a batch that is too much for the server is asked for in parts', async () => {
    await using whole = await serveFleet(series, grid);
    await using server = await serveRequests((form, response) => {
      const query = form.get('query') ?? '';
      if (query.split('|').length > 90) {
        response.end(JSON.stringify({ status: 'error', error: 'query processing would load too many samples' }));
        return;
      }
      const body = new URLSearchParams(form);
      const path = form.has('start') ? 'query_range' : 'query';
      void fetch(`${whole.url}/api/v1/${path}`, { method: 'POST', body }).then(async (got) =>
        response.end(await got.text()),
      );
    });
    const fleet = await diagnoseFleet(server.url);
    expectFieldCase(fleet);
    expect(fleet.hosts.total).toBe(150);
  });

  it('a server that knows no host is refused in one line', async () => {
    await using server = await serveRequests((_, response) => answer(response, []));
    await expect(diagnoseFleet(server.url)).rejects.toThrow(/no host with node_memory_MemTotal_bytes/);
  });

  it('a label that is no label never gets into a query', async () => {
    await expect(diagnoseFleet('http://127.0.0.1:1', { hostLabel: 'a) or up' })).rejects.toThrow(
      /not the name of a label/,
    );
  });

  it('host names from outside are shown escaped', async () => {
    const hostile = series.map((one) => ({
      ...one,
      labels: { ...one.labels, instance: one.labels['instance']?.replace('host-9:', 'h\u001b[31m"|.*:') ?? '' },
    }));
    await using server = await serveFleet(hostile, grid);
    const text = renderFleet(await diagnoseFleet(server.url), true);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('12 of 12 leak');
  });

  describe('that is real', () => {
    const small = fieldCase(120);

    it.skipIf(!hasPrometheus)('Prometheus (Debian’s package prometheus)', async () => {
      await using real = await startPrometheus(openMetrics(small.series, small.grid));
      const fleet = await diagnoseFleet(real.url);
      expectFieldCase(fleet);
      expect(fleet.hosts.total).toBe(120);
    });

    it.skipIf(!hasVictoria)('VictoriaMetrics (Debian’s package victoria-metrics)', async () => {
      await using real = await startVictoria(openMetrics(small.series, small.grid));
      const fleet = await diagnoseFleet(real.url);
      expectFieldCase(fleet);
      expect(fleet.hosts.total).toBe(120);
    });
  });
});
