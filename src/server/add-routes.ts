import type { Context, Hono } from 'hono';
import type { Ledger } from '../pipeline/serve/ledger.ts';
import { addPage } from '../report/web/add-page.ts';
import { refusedPage } from '../report/web/pages.ts';
import type { Job, Jobs } from './jobs.ts';
import type { KeptDumps } from './kept-dumps.ts';
import { hideNames, spellNames, type Material } from './material.ts';
import type { OfferedFiles } from './offered-files.ts';
import { limitedText } from './request-text.ts';
import { readUploadList, uploadTitle } from './upload-list.ts';
import type { Uploads } from './uploads.ts';

export interface AddRooms {
  readonly ledger: Ledger;
  readonly jobs: Jobs;
  readonly dumps: KeptDumps;
  readonly uploads: Uploads;
  readonly offered: OfferedFiles;
  /** Files with symbols or types of kernels whose dumps lack their own. */
  readonly symbols: readonly string[];
  readonly redact: boolean;
  readonly addressOf: (c: Context) => string;
}

/** Bytes of pasted text, and of a list of ticked files. */
const MOST_TEXT = 16 * 2 ** 20;
const MOST_CHOICE = 64 * 1024;
/** Files that are diagnosed together. */
const MOST_FILES = 64;
const BUSY = 'Too many diagnoses wait already; try later.';

/** What is added: files that are sent, text that is pasted, files that lie on the server. */
export function addAdding(app: Hono, rooms: AddRooms): void {
  const { uploads, offered, redact } = rooms;
  app.get('/add', async (c) =>
    c.html(addPage(uploads.most, offered.isOpen ? await offered.list() : undefined, redact)),
  );
  app.post('/api/v1/upload', async (c) => {
    const files = readUploadList(c.req.queries());
    if (typeof files === 'string') return c.text(`${files}\n`, 400);
    const taken = await uploads.take(c.req.raw.body, files);
    if (!('paths' in taken)) return c.text(`${taken.why}\n`, taken.status);
    const job = await start(c, rooms, uploaded(uploadTitle(c.req.queries('name') ?? []), taken));
    return job ? c.json({ job: job.id }, 202) : c.text(`${BUSY}\n`, 503);
  });
  app.post('/paste', async (c) => {
    const text = await limitedText(c, MOST_TEXT);
    if (text === undefined) return c.html(refusedPage('That is more text than is taken; upload it as a file.'), 413);
    const pasted = new URLSearchParams(text).get('text') ?? '';
    const taken = await uploads.take(new Blob([pasted]).stream(), [{ name: 'pasted-text' }]);
    if (!('paths' in taken)) return c.html(refusedPage(taken.why), taken.status);
    return toJob(c, await start(c, rooms, uploaded('pasted text', taken)));
  });
  app.post('/files', async (c) => {
    const keys = new URLSearchParams((await limitedText(c, MOST_CHOICE)) ?? '').getAll('file');
    if (keys.length === 0) return c.html(refusedPage('Nothing is ticked.'), 400);
    if (keys.length > MOST_FILES) return c.html(refusedPage(`More than ${MOST_FILES} are ticked.`), 400);
    const items = await Promise.all(keys.map(async (key) => offered.choose(key)));
    const [first, ...more] = items.flatMap((item) => item ?? []);
    if (!first || more.length + 1 < keys.length)
      return c.html(refusedPage('A file that is ticked is no longer there. Look at the list again.', 'Not found'), 404);
    const material: Material = {
      title: first.name.slice(0, 200) + (more.length === 0 ? '' : ` and ${more.length} more`),
      // As they would be named one after the other: a series oldest first.
      paths: [first, ...more].toSorted((a, b) => a.at - b.at).map(({ path }) => path),
      folder: uploads.room(),
      names: offered.names,
    };
    return toJob(c, await start(c, rooms, material));
  });
}

async function start(
  c: Context,
  { ledger, jobs, dumps, uploads, symbols, redact, addressOf }: AddRooms,
  of: Material,
): Promise<Job | undefined> {
  ledger.audit(Date.now(), addressOf(c), `diagnose ${of.title}`);
  const leave = (): void => void uploads.remove(of.folder);
  const job = jobs.add(redact ? 'a file' : of.title, {
    order: { paths: of.paths, unpack: await uploads.unpacking(of.folder), symbols },
    spell: (text) => (redact ? hideNames(text, of.paths) : spellNames(text, of.names)),
    done: (answer) => dumps.keepDocument(of, answer),
    failed: leave,
  });
  if (!job) leave();
  return job;
}

const uploaded = (title: string, { folder, paths }: Pick<Material, 'folder' | 'paths'>): Material => ({
  title,
  paths,
  folder,
  names: [[`${folder}/`, '']],
});

function toJob(c: Context, job: Job | undefined): Response {
  if (job) return c.redirect(`/jobs/${job.id}`, 303);
  c.status(503);
  return c.body(refusedPage(BUSY), { headers: { 'content-type': 'text/html; charset=utf-8' } });
}
