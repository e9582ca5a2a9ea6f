import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { compareMoments } from '../pipeline/serve/compare-samples.ts';
import { pictureOf } from '../pipeline/serve/host-picture.ts';
import type { Ledger } from '../pipeline/serve/ledger.ts';
import { htmlSource } from '../report/html-markup.ts';
import { comparePage } from '../report/web/compare-page.ts';
import { hostBody, hostPage, type HostView } from '../report/web/host/host-page.ts';
import { hostRow, hostsPage, hostsSummary, type HostRow } from '../report/web/hosts-page.ts';
import { refusedPage } from '../report/web/pages.ts';
import type { HostTrends } from './host-trends.ts';
import type { Hosts } from './hosts.ts';

export interface HostRooms {
  readonly ledger: Ledger;
  readonly hosts: Hosts;
  readonly trends: HostTrends;
  /** Are told of each host that something changed of. */
  readonly listeners: Set<(host: string) => void>;
}

/** Milliseconds between two updates of a page. */
const EVERY = 1000;
/** Of the figures above the list, and of a host's page: a chart that moves every second is none to look at. */
const SELDOM = 5000;

/** Pages about hosts that push. */
export function addHosts(app: Hono, { ledger, hosts, trends, listeners }: HostRooms): void {
  app.get('/', (c) => c.html(hostsPage(hosts.rows(), Date.now(), c.req.query('all') !== undefined)));
  app.get('/api/v1/live', (c) =>
    streamSSE(c, async (stream) => {
      const waiting = new Set<string>();
      const note = (host: string): void => void waiting.add(host);
      listeners.add(note);
      stream.onAbort(() => void listeners.delete(note));
      let summed = Date.now();
      let isBehind = false;
      while (!stream.aborted) {
        await stream.sleep(EVERY);
        const now = Date.now();
        const rows = [...waiting].map((name) => hosts.glance(name)).filter((row) => row !== undefined);
        waiting.clear();
        for (const row of rows)
          await stream.writeSSE(changed(`host-${encodeURIComponent(row.name)}`, htmlSource(hostRow(row, now))));
        isBehind ||= rows.length > 0;
        if (!isBehind || now - summed < SELDOM) continue;
        [summed, isBehind] = [now, false];
        await stream.writeSSE(changed('hosts-summary', htmlSource(hostsSummary(hosts.rows(), now))));
      }
    }),
  );
  const viewOf = (row: HostRow): HostView => {
    const { trend, pending } = trends.of(row.name, row.samples);
    const now = Date.now();
    return trend ? { row, now, pending, trend } : { row, now, pending, picture: pictureOf(ledger, row.name) };
  };
  app.get('/host/:name', (c) => {
    const name = c.req.param('name');
    const row = hosts.row(name);
    if (!row) return c.html(refusedPage(`No host of the name ${name} has pushed.`, 'No such host'), 404);
    return c.html(hostPage(viewOf(row)));
  });
  app.get('/api/v1/host/:name/live', (c) =>
    streamSSE(c, async (stream) => {
      const name = c.req.param('name');
      let told = '';
      let changes = 1;
      const note = (host: string): void => void (changes += host === name ? 1 : 0);
      listeners.add(note);
      stream.onAbort(() => void listeners.delete(note));
      let first = true;
      while (!stream.aborted) {
        // What is measured for this page comes at once, what comes by itself later.
        await stream.sleep(first ? EVERY / 4 : EVERY);
        if (changes === 0) continue;
        const row = hosts.row(name);
        if (!row) return;
        const view = viewOf(row);
        const data = htmlSource(hostBody(view));
        if (data !== told) await stream.writeSSE(changed('host', data));
        [told, changes, first] = [data, 0, view.pending];
        if (!view.pending) await stream.sleep(SELDOM);
      }
    }),
  );
  app.get('/compare', (c) => {
    const names = ledger.hosts().map(({ name }) => name);
    const { a: asked, b: other, at = '', bt = '' } = c.req.query();
    const a = asked ?? names.find((name) => name !== other) ?? other ?? '';
    const b = other ?? names.find((name) => name !== a) ?? a;
    const moments = { a, at: isMoment(at) ? at : '', b, bt: isMoment(bt) ? bt : '' };
    const wanted = (host: string, moment: string) => ({
      host,
      ...(moment === '' ? {} : { at: Date.parse(`${moment}Z`) }),
    });
    const comparison = compareMoments(ledger, wanted(a, moments.at), wanted(b, moments.bt));
    return c.html(comparePage(names, moments, comparison));
  });
}

const changed = (id: string, html: string): { event: string; data: string } => ({
  event: 'changed',
  data: JSON.stringify({ id, html }),
});

/** As a browser's field for date and time sends it, in UTC. */
const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(text) && !Number.isNaN(Date.parse(`${text}Z`));
