import { describe, expect, it } from 'vitest';
import type { FleetGrid } from '../../model/fleet.ts';
import { renderFleet } from '../../report/fleet/fleet-text.ts';
import { stockMetrics, type MetricSeries } from '../../../testkit/fleet-metrics.ts';
import { makeFleet } from '../../../testkit/fleet-simulator.ts';
import { answer, serveFleet, serveRequests } from '../../../testkit/query-api.ts';
import { diagnoseFleet } from './diagnose-fleet.ts';

const STEP = 21_600;
const HOSTS = 24;

/** Hosts by number, with the name that each one's kernel has; three of them leak. */
function made(): { readonly hosts: readonly (readonly MetricSeries[])[]; readonly grid: FleetGrid } {
  const few = { attribute: 'role', value: 'db', hosts: 3 };
  const fleet = makeFleet({ seed: 5, hosts: HOSTS, days: 30, step: STEP, cause: 'none', few });
  const end = Math.floor(Date.now() / 1000 / STEP) * STEP;
  const grid = { ...fleet.grid, start: end - STEP * (fleet.grid.count - 1) };
  const hosts = [...fleet.hosts()].map(({ host }) => stockMetrics(host, grid).map((one) => withNode(one, host.name)));
  return { hosts, grid };
}

const labelled = (series: MetricSeries, labels: MetricSeries['labels']): MetricSeries => ({
  ...series,
  labels: { ...series.labels, ...labels },
});
const withNode = (series: MetricSeries, nodename: string): MetricSeries =>
  series.name === 'node_uname_info' ? labelled(series, { nodename }) : series;
const during = (series: MetricSeries, from: number, to: number): MetricSeries => ({
  ...series,
  values: series.values.map((value, i) => (i >= from && i < to ? value : Number.NaN)),
});

describe('names of hosts behind a metrics server', { timeout: 60_000 }, () => {
  const { hosts, grid } = made();

  it('a host that got another name, or address as pods do, is one', async () => {
    const renamed = hosts.flatMap((series, i) =>
      series.flatMap((one) =>
        [0, 1, 2].map((part) =>
          during(
            labelled(one, { instance: `10.0.${part}.${i}:9100` }),
            part * 40 + (i % 9),
            part * 40 + 40 + ((part === 2 ? 0 : i) % 9),
          ),
        ),
      ),
    );
    await using server = await serveFleet(renamed, grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.total).toBe(HOSTS);
    expect(fleet.leaking.map(({ host }) => host)).toEqual(expect.arrayContaining(['10.0.2.0', '10.0.2.1', '10.0.2.2']));
    expect(fleet.leaking.length).toBeLessThanOrEqual(4);
  });

  it('hosts of one name in two clusters are two, told apart by the cluster', async () => {
    const twice = hosts.flatMap((series, i) =>
      series.map((one) =>
        labelled(
          // No two machines are booted in the same minute.
          one.name === 'node_boot_time_seconds' ? { ...one, values: one.values.map((time) => time - i * 3600) } : one,
          { instance: `node${i % 12}:9100`, cluster: i < 12 ? 'east' : 'west' },
        ),
      ),
    );
    await using server = await serveFleet(twice, grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.total).toBe(HOSTS);
    expect(fleet.leaking.map(({ host }) => host)).toContain('node0 (cluster=east)');
    expect(fleet.leaking.map(({ host }) => host)).not.toContain('node0 (cluster=west)');
  });

  it('where no label tells them apart, that is said, and they are not mixed', async () => {
    const mixed = hosts.slice(0, 2).flatMap((series, i) =>
      series.map((one) =>
        one.name === 'node_boot_time_seconds'
          ? {
              ...labelled(one, { instance: 'node', uid: String(i) }),
              values: one.values.map((time) => time - i * 3600),
            }
          : labelled(one, { instance: 'node', uid: String(i) }),
      ),
    );
    await using server = await serveFleet([...mixed, ...(hosts[5] ?? [])], grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.unread[0]?.what).toBe('node');
    expect(fleet.unread[0]?.why).toContain('several machines');
    expect(fleet.hosts).toMatchObject({ total: 2, untold: 1 });
  });

  it('hosts without the label that tells hosts apart are not passed over in silence', async () => {
    const some = hosts.flatMap((series, i) => series.map((one) => (i < 2 ? labelled(one, { instance: '' }) : one)));
    await using server = await serveFleet(some, grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.total).toBe(HOSTS - 2);
    expect(fleet.lacks[0]).toContain('no label instance');
  });

  it('a server that has less than it is asked for is not spoken of as if it had all', async () => {
    const week = hosts.slice(3).flatMap((series) => series.map((one) => during(one, 92, 120)));
    await using server = await serveFleet(week, grid);
    expect((await diagnoseFleet(server.url)).summary).toContain('within 7 days');
  });

  it('both copies of a pair of Prometheus servers are one host', async () => {
    const pair = hosts.flatMap((series) =>
      series.flatMap((one) => [labelled(one, { replica: 'a' }), during(labelled(one, { replica: 'b' }), 9, 120)]),
    );
    await using server = await serveFleet(pair, grid);
    expect((await diagnoseFleet(server.url)).hosts.total).toBe(HOSTS);
  });

  it('a host that is booted twice a day is named as one of which nothing can be told', async () => {
    const restless = hosts.flatMap((series, i) =>
      series.map((one) =>
        i === 4 && one.name === 'node_boot_time_seconds'
          ? { ...one, values: one.values.map((_, place) => grid.start + Math.floor(place / 2) * 2 * STEP - 600) }
          : one,
      ),
    );
    await using server = await serveFleet(restless, grid);
    const fleet = await diagnoseFleet(server.url);
    expect(fleet.hosts.untold).toBe(1);
    expect(renderFleet(fleet)).toContain('booted 59 times');
  });

  it('names of node_exporter before 0.16 are told from no hosts at all', async () => {
    await using server = await serveRequests((form, response) => {
      const isOld = form.get('query')?.includes('node_memory_MemTotal)') === true;
      answer(response, isOld ? [{ metric: {}, value: [grid.start, '1'] }] : []);
    });
    await expect(diagnoseFleet(server.url)).rejects.toThrow(/before 0\.16/);
  });
});
