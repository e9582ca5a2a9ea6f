import type { Ledger } from '../pipeline/serve/ledger.ts';
import { parseDiagnosis } from '../report/read-diagnosis.ts';
import type { DumpDesk } from './dump-desk.ts';
import type { JobAnswer } from './jobs.ts';
import { spellNamesInJson, type Material } from './material.ts';
import type { StoreTrouble } from './store-trouble.ts';
import type { Uploads } from './uploads.ts';

/** Milliseconds between two looks at what is old, and how long a dump stays: less than its document does. */
const EVERY = 3_600_000;
const KEEP = 29 * 86_400_000;

/** Crash dumps that were added stay, so that pages can go into them; the oldest go when they are more than there is room for. */
export class KeptDumps {
  readonly #ledger: Ledger;
  readonly #desk: DumpDesk;
  readonly #uploads: Uploads;
  readonly #trouble: StoreTrouble;
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;

  constructor(of: {
    readonly ledger: Ledger;
    readonly desk: DumpDesk;
    readonly uploads: Uploads;
    readonly trouble: StoreTrouble;
  }) {
    this.#ledger = of.ledger;
    this.#desk = of.desk;
    this.#uploads = of.uploads;
    this.#trouble = of.trouble;
    this.#timer = setInterval(() => void this.#tidy(), EVERY).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  /** Keeps the diagnosis of what was added, and the dump that it is about. Undefined where there is no room. */
  keepDocument({ title, folder, names }: Material, { body, dump }: JobAnswer): number | undefined {
    const text = spellNamesInJson(body, names);
    const { verdict, layer, summary } = parseDiagnosis(text);
    const id = this.#ledger.addDocument({ at: Date.now(), title, verdict, layer, summary }, text, dump);
    if (id === undefined || dump === undefined || this.#uploads.roomOf(dump) !== folder)
      void this.#uploads.remove(folder);
    else void this.#uploads.keepDump(folder, dump);
    if (id !== undefined && dump !== undefined) void this.#tidy();
    return id;
  }

  /** Deletes a diagnosis, with its dump where that is the server's own. */
  async deleteDocument(id: number, dump: string | undefined): Promise<void> {
    this.#ledger.deleteDocument(id);
    if (dump !== undefined && this.#ledger.dumps().every(({ file }) => file !== dump)) await this.#drop(dump);
  }

  /** Whether a dump is the server's own, and bytes that it takes. */
  async look(dump: string): Promise<{ readonly isOurs: boolean; readonly bytes: number }> {
    const room = this.#uploads.roomOf(dump);
    return { isOurs: room !== undefined, bytes: room === undefined ? 0 : await this.#uploads.size(room) };
  }

  async #tidy(): Promise<void> {
    await this.#forgetOld().catch((cause: unknown) => this.#trouble.take(cause));
  }

  /** Deletes what is old, and the oldest of more than there is room for; the newest stays whatever its size. */
  async #forgetOld(): Promise<void> {
    const most = 2 * this.#uploads.most;
    let held = 0;
    for (const [i, { id, at, file }] of this.#ledger.dumps().entries()) {
      const room = this.#uploads.roomOf(file);
      const size = room === undefined ? 0 : await this.#uploads.size(room);
      if (this.#isClosed) return;
      held += size;
      const isThere = room === undefined || size > 0;
      if (isThere && (i === 0 || held <= most) && Date.now() - at < KEEP) continue;
      this.#ledger.forgetDump(id);
      await this.#drop(file);
    }
  }

  /** A file that is not the server's own is left where it lies. */
  async #drop(file: string): Promise<void> {
    this.#desk.forget(file);
    const room = this.#uploads.roomOf(file);
    if (room !== undefined) await this.#uploads.remove(room);
  }
}
