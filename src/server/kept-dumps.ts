import { existsSync, statSync } from 'node:fs';
import type { Diagnosis } from '../findings/diagnosis.ts';
import type { Ledger } from '../pipeline/serve/ledger.ts';
import { parseDiagnosis } from '../report/read-diagnosis.ts';
import type { DumpDesk } from './dump-desk.ts';
import type { Uploads } from './uploads.ts';

/** Milliseconds between two looks at what is old, and how long a dump stays: less than its document does. */
const EVERY = 3_600_000;
const KEEP = 29 * 86_400_000;

/** Crash dumps that were added stay, so that pages can go into them; the oldest go when they are more than there is room for. */
export class KeptDumps {
  readonly #ledger: Ledger;
  readonly #desk: DumpDesk;
  readonly #uploads: Uploads;
  readonly #timer: NodeJS.Timeout;

  constructor(of: { readonly ledger: Ledger; readonly desk: DumpDesk; readonly uploads: Uploads }) {
    this.#ledger = of.ledger;
    this.#desk = of.desk;
    this.#uploads = of.uploads;
    this.#timer = setInterval(() => this.#tidy(), EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Keeps the diagnosis of an upload, and the upload where it is a dump. Undefined where there is no room. */
  keepDocument(title: string, path: string, body: string): number | undefined {
    const diagnosis = parseDiagnosis(body);
    const { verdict, layer, summary } = diagnosis;
    const dump = isDump(diagnosis, path) ? path : undefined;
    const document = { at: Date.now(), title, verdict, layer, summary };
    // Where the upload lies on the server is nobody's business; a command is pasted where the file has its own name.
    const id = this.#ledger.addDocument(document, body.replaceAll(path, fileName(title)), dump);
    if (id === undefined || dump === undefined) void this.#uploads.remove(path);
    else this.#tidy();
    return id;
  }

  /** Deletes what is old, and the oldest of more than there is room for; the newest stays whatever its size. */
  #tidy(): void {
    const most = 2 * this.#uploads.most;
    let held = 0;
    for (const [i, { id, at, file }] of this.#ledger.dumps().entries()) {
      const size = existsSync(file) ? statSync(file).size : undefined;
      held += size ?? 0;
      if (size !== undefined && (i === 0 || held <= most) && Date.now() - at < KEEP) continue;
      this.#desk.forget(file);
      this.#ledger.forgetDump(id);
      void this.#uploads.remove(file);
    }
  }
}

/** Whether it is about a dump that lies in this very file: one within an archive cannot be opened for itself. */
const isDump = ({ inputs }: Diagnosis, path: string): boolean =>
  inputs.some(({ kind, file }) => kind === 'vmcore' && file === path);

/** A name that can be pasted into a shell, whatever its sender called it. */
const fileName = (title: string): string => title.replaceAll(/[^\w.+-]/g, '_').replace(/^-/, '_') || 'upload';
