import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Diagnosis } from '../findings/diagnosis.ts';
import { parseDiagnosis } from '../report/read-diagnosis.ts';
import { redactDiagnosis } from '../pipeline/redact/redact-document.ts';
import { searchKnown } from '../pipeline/known-issues.ts';
import { refusalWords, type Ledger } from '../pipeline/serve/ledger.ts';
import { CONTENT_SECURITY_POLICY } from '../report/html-policy.ts';
import { html } from '../report/html-markup.ts';
import { SCRIPT } from '../report/html-script.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { glossaryFor } from '../report/glossary/for-report.ts';
import { documentBar } from '../report/web/dump/dump-frame.ts';
import { fleetPage } from '../report/web/fleet-page.ts';
import { jobPage, workOf, worksOn } from '../report/web/job-page.ts';
import { siteBar } from '../report/web/layout.ts';
import * as pages from '../report/web/pages.ts';
import { WEB_SCRIPT } from '../report/web/web-script.ts';
import { WEB_STYLE } from '../report/web/web-style.ts';
import { PUSH_PATH, pushRefusal, same, tokenCookie } from './access.ts';
import { addAdding } from './add-routes.ts';
import { addDeleting } from './delete-routes.ts';
import { clockEvent } from './clock-event.ts';
import type { DumpDesk } from './dump-desk.ts';
import { addDumps } from './dump-routes.ts';
import type { FleetReader } from './fleet-reader.ts';
import type { Hosts } from './hosts.ts';
import type { Jobs } from './jobs.ts';
import { addHosts } from './host-routes.ts';
import type { HostTrends } from './host-trends.ts';
import type { KeptDumps } from './kept-dumps.ts';
import type { PushTokens } from './push-tokens.ts';
import { nameOfDiagnosis } from './material.ts';
import type { OfferedFiles } from './offered-files.ts';
import { readPush } from './push.ts';
import { limitedText } from './request-text.ts';
import type { StoreTrouble } from './store-trouble.ts';
import { tellWork } from './tell-work.ts';
import type { Uploads } from './uploads.ts';

/** What the pages stand on. */
export interface Rooms {
  readonly ledger: Ledger;
  readonly trouble: StoreTrouble;
  readonly hosts: Hosts;
  /** Who wants to hear of a host that changed. */
  readonly listeners: Set<(host: string) => void>;
  readonly jobs: Jobs;
  readonly desk: DumpDesk;
  readonly dumps: KeptDumps;
  readonly trends: HostTrends;
  readonly uploads: Uploads;
  readonly offered: OfferedFiles;
  /** Files with symbols or types of kernels whose dumps lack their own. */
  readonly symbols: readonly string[];
  readonly fleet: FleetReader;
  readonly token?: string;
  readonly pushTokens?: PushTokens;
  readonly secure: boolean;
  /** Documents are shown and given away without what names a host. */
  readonly redact: boolean;
  readonly addressOf: (c: Context) => string;
}

/** Bytes of a push. */
const MOST_PUSH = 2 * 2 ** 20;
const REPORT_FILES = { style: '/assets/style.css', scripts: ['/assets/report.js'] };
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Adds all routes. Whoever comes here has been let in. */
export function addRoutes(app: Hono, rooms: Rooms): void {
  const { listeners } = rooms;
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has('content-security-policy')) c.res.headers.set('content-security-policy', POLICY);
    c.res.headers.set('x-content-type-options', 'nosniff');
    // With `no-referrer` a browser sends no origin with our own forms either, and they would be refused.
    c.res.headers.set('referrer-policy', 'same-origin');
    c.res.headers.set('cross-origin-opener-policy', 'same-origin');
  });
  app.get('/assets/style.css', (c) => c.body(WEB_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/assets/script.js', (c) => c.body(WEB_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/assets/report.js', (c) => c.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  addLogin(app, rooms);
  addDumps(app, rooms);
  addHosts(app, rooms);
  app.get('/fleet', (c) => c.html(fleetPage(rooms.fleet.view, (host) => rooms.ledger.host(host) !== undefined)));
  app.get('/known', (c) => {
    const query = (c.req.query('q') ?? '').slice(0, 200);
    return c.html(pages.knownPage(query, searchKnown(query)));
  });
  addAdding(app, rooms);
  addDiagnoses(app, rooms);
  addDeleting(app, rooms);
  addPush(app, rooms, (host) => {
    for (const listener of listeners) listener(host);
  });
  app.get('/health', (c) => c.text('ok\n'));
  app.notFound((c) => c.html(pages.refusedPage('There is no such page.', 'Not found'), 404));
}

function addLogin(app: Hono, { token, secure }: Rooms): void {
  app.get('/login', (c) => c.html(pages.loginPage(false)));
  app.post('/login', async (c) => {
    const body = new URLSearchParams((await limitedText(c, 4096)) ?? '');
    if (token === undefined || !same(body.get('token') ?? '', token)) return c.html(pages.loginPage(true), 403);
    c.header('set-cookie', tokenCookie(token, secure));
    return c.redirect('/', 303);
  });
}

function addDiagnoses(app: Hono, rooms: Rooms): void {
  const { ledger, jobs } = rooms;
  app.get('/documents', (c) => {
    const atWork = jobs.list().filter(({ state }) => state === 'running' || state === 'waiting');
    const stored = ledger.documents(500);
    const rows = rooms.redact ? stored.map((row) => ({ ...row, title: nameOfDiagnosis(row.id) })) : stored;
    return c.html(pages.documentsPage(rows, atWork));
  });
  /** As it may leave the server: `redact` in the address, or for all of them. */
  const shown = (c: Context, diagnosis: Diagnosis): Diagnosis =>
    rooms.redact || c.req.query('redact') !== undefined ? redactDiagnosis(diagnosis) : diagnosis;
  app.get('/document/:id{[0-9]+}', (c) => {
    const stored = ledger.document(Number(c.req.param('id')));
    if (!stored) return c.html(pages.refusedPage('There is no such diagnosis.', 'Not found'), 404);
    const diagnosis = shown(c, parseDiagnosis(stored.body));
    const glossary = glossaryFor(diagnosis);
    if (c.req.query('as') === 'file') {
      c.header('content-security-policy', CONTENT_SECURITY_POLICY);
      return c.html(renderHtml(diagnosis, { glossary }));
    }
    // What lies in memory has no names to leave out: those who may not see any do not see it.
    const isOpen = !rooms.redact && c.req.query('redact') === undefined;
    const title = isOpen ? stored.title : 'diagnosis';
    const bars = html`${siteBar('/documents')}
    ${documentBar({ id: Number(c.req.param('id')), title }, isOpen && stored.dump !== undefined)}`;
    return c.html(renderHtml(diagnosis, { glossary, site: { ...REPORT_FILES, bars } }));
  });
  app.get('/api/v1/documents/:id{[0-9]+}', (c) => {
    const stored = ledger.document(Number(c.req.param('id')));
    return stored
      ? c.body(renderJson(shown(c, parseDiagnosis(stored.body))), 200, { 'content-type': 'application/json' })
      : c.text('no such document\n', 404);
  });
  app.get('/jobs/:id', (c) => {
    const job = jobs.find(c.req.param('id'));
    return job
      ? c.html(jobPage(job, jobs.ahead(job.id), Date.now()))
      : c.html(pages.refusedPage('There is no such job.', 'Not found'), 404);
  });
  app.post('/jobs/:id/cancel', (c) => {
    jobs.cancel(c.req.param('id'));
    return c.redirect(`/jobs/${encodeURIComponent(c.req.param('id'))}`, 303);
  });
  app.get('/api/v1/jobs/:id/live', (c) =>
    streamSSE(c, (stream) =>
      tellWork(stream, () => {
        const id = c.req.param('id');
        const job = jobs.find(id);
        if (job && worksOn(job)) return workOf(job, jobs.ahead(id), Date.now());
        return job?.document === undefined ? `/jobs/${encodeURIComponent(id)}` : `/document/${job.document}`;
      }),
    ),
  );
}

function addPush(app: Hono, rooms: Rooms, pushed: (host: string) => void): void {
  const { ledger, trouble } = rooms;
  app.post(PUSH_PATH, async (c) => {
    const text = await limitedText(c, MOST_PUSH);
    if (text === undefined) return c.text(`more than ${MOST_PUSH} bytes; send fewer samples at once\n`, 413);
    const push = readPush(text);
    if (typeof push === 'string') return c.text(`${push}\n`, 400);
    const refusal = pushRefusal(c, push.host, rooms);
    if (refusal !== undefined) return c.text(`${refusal}\n`, 403);
    const now = Date.now();
    const kept = trouble.isLocked
      ? 'busy'
      : ledger.push(push.host, push.attributes, push.samples, [...push.events, ...clockEvent(push.samples, now)], now);
    if (kept === 'refused') return c.text('as many hosts, or samples of this one, are known already as may be\n', 507);
    if (kept === 'busy' && !trouble.isLocked) trouble.noteLocked();
    trouble.note(kept === 'kept' ? undefined : refusalWords(kept));
    if (kept !== 'kept')
      return c.text(`the server’s database: ${refusalWords(kept)}; keep the samples and send them again\n`, 503);
    pushed(push.host);
    return c.json({ kept: push.samples.length });
  });
}
