import type { Context, Hono } from 'hono';
import type { Ledger } from '../pipeline/serve/ledger.ts';
import { deletePage } from '../report/web/delete-page.ts';
import { refusedPage } from '../report/web/pages.ts';
import type { KeptDumps } from './kept-dumps.ts';
import { nameOfDiagnosis } from './material.ts';

interface DeleteRooms {
  readonly ledger: Ledger;
  readonly dumps: KeptDumps;
  readonly redact: boolean;
  readonly addressOf: (c: Context) => string;
}

/** A diagnosis is deleted in two steps: a page that asks, and its form. */
export function addDeleting(app: Hono, { ledger, dumps, redact, addressOf }: DeleteRooms): void {
  app.get('/document/:id{[0-9]+}/delete', async (c) => {
    const id = Number(c.req.param('id'));
    const stored = ledger.document(id);
    if (!stored) return c.html(refusedPage('There is no such diagnosis.', 'Not found'), 404);
    const title = redact ? nameOfDiagnosis(id) : stored.title;
    const dump = stored.dump === undefined ? undefined : await dumps.look(stored.dump);
    return c.html(deletePage({ id, title, ...(dump && { dump }) }));
  });
  app.post('/document/:id{[0-9]+}/delete', async (c) => {
    const id = Number(c.req.param('id'));
    const stored = ledger.document(id);
    if (!stored) return c.html(refusedPage('There is no such diagnosis.', 'Not found'), 404);
    ledger.audit(Date.now(), addressOf(c), `delete diagnosis ${id}: ${stored.title}`);
    await dumps.deleteDocument(id, stored.dump);
    return c.redirect('/documents', 303);
  });
}
