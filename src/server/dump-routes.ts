import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { DumpAnswers, DumpQuestion } from '../pipeline/serve/answer-dump.ts';
import type { Ledger } from '../pipeline/serve/ledger.ts';
import { cachePage } from '../report/web/dump/cache-page.ts';
import { dumpProblemPage, workingPage } from '../report/web/dump/dump-frame.ts';
import type { DumpName } from '../report/web/dump/dump-links.ts';
import { lostPage } from '../report/web/dump/lost-page.ts';
import { mapPage } from '../report/web/dump/map-page.ts';
import { refsPage } from '../report/web/dump/refs-page.ts';
import { viewPage } from '../report/web/dump/view-page.ts';
import { refusedPage } from '../report/web/pages.ts';
import type { Work } from '../report/web/work.ts';
import type { DumpDesk, DumpState } from './dump-desk.ts';
import { readQuestion, spellQuestion } from './dump-question.ts';
import { tellWork } from './tell-work.ts';
import type { OfferedFiles } from './offered-files.ts';
import type { Uploads } from './uploads.ts';

/** Milliseconds that a page waits for an answer before it shows that it waits. */
const AT_ONCE = 1200;
interface Asked {
  readonly dump: DumpName;
  readonly path: string;
  readonly question: DumpQuestion;
  /** Of the question, as the page's address has it. */
  readonly query: string;
}

export interface DumpRooms {
  readonly ledger: Ledger;
  readonly uploads: Uploads;
  readonly offered: OfferedFiles;
  readonly desk: DumpDesk;
  /** Nothing is shown that may hold names. */
  readonly redact: boolean;
}

/** Pages about what is in a crash dump that was added. */
export function addDumps(app: Hono, { ledger, desk, uploads, offered, redact }: DumpRooms): void {
  const read = async (c: Context): Promise<Asked | Response> => {
    if (redact) return refused(c, 'Memory may hold any name: this server was started with --redact.', 403);
    const asked = readAsked(c, ledger);
    // What lies in somebody else's folder may have gone, or become a link to elsewhere.
    const isOurs = asked instanceof Response || uploads.roomOf(asked.path) !== undefined;
    if (isOurs || (await offered.holds(asked.path))) return asked;
    return refused(c, 'The dump no longer lies in a folder of this server.', 404);
  };
  app.get('/dump/:id{[0-9]+}', (c) => c.redirect(`/dump/${c.req.param('id')}/map`));
  app.get('/dump/:id{[0-9]+}/:kind{map|lost|cache|refs|view}', async (c) => {
    const asked = await read(c);
    if (asked instanceof Response) return asked;
    const { dump, path, question, query } = asked;
    if (c.req.query('again') !== undefined) {
      desk.retry(path, question);
      return c.redirect(pathOf(dump, question, query), 303);
    }
    const state = await desk.wait(path, question, AT_ONCE);
    if (state.state === 'working') return c.html(workingPage(dump, question.kind, query, workOn(state)));
    if (state.state === 'failed')
      return c.html(
        dumpProblemPage(
          dump,
          state.problem.replaceAll(path, () => dump.title),
          pathOf(dump, question, withAgain(query)),
        ),
        422,
      );
    return c.html(render(dump, question, c.req.query('area'), state.body));
  });
  app.post('/dump/:id{[0-9]+}/:kind{map|lost|cache|refs|view}/cancel', async (c) => {
    const asked = await read(c);
    if (asked instanceof Response) return asked;
    desk.cancel(asked.path, asked.question);
    return c.redirect(pathOf(asked.dump, asked.question, asked.query), 303);
  });
  app.get('/api/v1/dump/:id{[0-9]+}/:kind{map|lost|cache|refs|view}/live', async (c) => {
    const asked = await read(c);
    if (asked instanceof Response) return asked;
    return streamSSE(c, (stream) =>
      tellWork(stream, () => {
        const state = desk.look(asked.path, asked.question);
        return state?.state === 'working' ? workOn(state) : pathOf(asked.dump, asked.question, asked.query);
      }),
    );
  });
}

const workOn = ({ doing, since }: DumpState & { readonly state: 'working' }): Work => ({
  state: doing === 'waiting for its turn' ? 'waiting' : 'running',
  doing,
  seconds: (Date.now() - since) / 1000,
});

const pathOf = ({ id }: DumpName, { kind }: DumpQuestion, query: string): string =>
  `/dump/${id}/${kind}${query === '' ? '' : `?${query}`}`;

const withAgain = (query: string): string => (query === '' ? 'again=1' : `${query}&again=1`);

const refused = (c: Context, why: string, status: 403 | 404): Response => page(c, refusedPage(why), status);

function page(c: Context, body: string, status: 400 | 403 | 404): Response {
  c.status(status);
  return c.body(body, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/** What is asked of which dump, or the answer to who asked for what there is not. */
function readAsked(c: Context, ledger: Ledger): Asked | Response {
  const id = Number(c.req.param('id'));
  const stored = ledger.document(id);
  if (!stored) return refused(c, 'There is no such diagnosis.', 404);
  if (stored.dump === undefined) return refused(c, 'The file of this diagnosis is no dump, or is no longer kept.', 404);
  const dump = { id, title: stored.title };
  const question = readQuestion(c.req.param('kind') ?? '', c.req.query());
  if (typeof question === 'string') return page(c, dumpProblemPage(dump, question), 400);
  const query = spellQuestion(question);
  const area = c.req.query('area');
  if (question.kind === 'map' && area !== undefined) query.set('area', area.slice(0, 100));
  return { dump, path: stored.dump, question, query: query.toString() };
}

function render(dump: DumpName, question: DumpQuestion, area: string | undefined, body: string): string {
  switch (question.kind) {
    case 'map':
      return mapPage(dump, answerOf('map', body), area);
    case 'lost':
      return lostPage(dump, answerOf('lost', body));
    case 'cache':
      return cachePage(dump, answerOf('cache', body));
    case 'refs':
      return refsPage(dump, answerOf('refs', body));
    case 'view':
      return viewPage(dump, answerOf('view', body), question.type);
  }
}

function answerOf<K extends keyof DumpAnswers>(_kind: K, body: string): DumpAnswers[K] {
  const answer: unknown = JSON.parse(body);
  if (!isAnswer<K>(answer)) throw new Error('an answer about a dump is no object');
  return answer;
}

/** Our own process made it, as the answer to that kind of question. */
const isAnswer = <K extends keyof DumpAnswers>(answer: unknown): answer is DumpAnswers[K] =>
  typeof answer === 'object' && answer !== null;
