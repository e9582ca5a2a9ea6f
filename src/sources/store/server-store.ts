import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { InputError } from '../input-error.ts';
import { isOutOfRoom, sqliteRefusal } from './sqlite-refusal.ts';
import { pragma } from './store-schema.ts';

/** One sample as a host pushed it. Bytes; `at` is milliseconds since 1970 by the host's clock. */
export interface PushedSample {
  readonly at: number;
  readonly boot: string;
  readonly totalBytes: number;
  readonly unexplained?: number;
  readonly buckets: Readonly<Record<string, number>>;
  readonly caches: readonly { readonly name: string; readonly bytes: number }[];
}
export interface PushedEvent {
  readonly at: number;
  readonly kind: string;
  readonly name: string;
  readonly detail?: string;
}
/** A host as it is known: what it last said of itself. */
export interface StoredHost {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 by the server's clock. */
  readonly first: number;
  readonly last: number;
  readonly samples: number;
}
/** A document as lists show it; its body is read alone. */
export interface StoredDocument {
  readonly id: number;
  readonly at: number;
  readonly title: string;
  readonly verdict: string;
  readonly layer: string;
  readonly summary: string;
}

/** `klsv`, in the header of the file. */
const APPLICATION_ID = 0x6b_6c_73_76;
const VERSION = 1;
const SCHEMA = `
CREATE TABLE IF NOT EXISTS hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, samples INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS samples (host INTEGER NOT NULL REFERENCES hosts, at INTEGER NOT NULL, boot TEXT NOT NULL,
  total INTEGER NOT NULL, unexplained INTEGER, buckets TEXT NOT NULL, caches TEXT NOT NULL, PRIMARY KEY (host, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, host INTEGER NOT NULL REFERENCES hosts, at INTEGER NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, detail TEXT, UNIQUE (host, at, kind, name));
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, title TEXT NOT NULL, verdict TEXT NOT NULL,
  layer TEXT NOT NULL, summary TEXT NOT NULL, body TEXT NOT NULL, dump TEXT);
CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${VERSION};
`;

/**
 * What a server keeps: hosts with their samples, documents, and who asked for what, in one SQLite file. What `push`
 * acknowledged survives kill -9. Throws InputError where the file is somebody else's, newer, or cannot be used.
 */
export class ServerStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    try {
      this.#database = new DatabaseSync(file);
      const [mark, version] = [pragma(this.#database, 'application_id'), pragma(this.#database, 'user_version')];
      if (mark !== 0 && mark !== APPLICATION_ID)
        throw new InputError(file, 'a database of another program', 'give another --data folder');
      if (version > VERSION)
        throw new InputError(file, 'written by a newer kleak', 'use that, or another --data folder');
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
      this.#database.exec(SCHEMA);
    } catch (cause) {
      const refusal = sqliteRefusal(cause);
      if (refusal === undefined) throw cause;
      throw new InputError(file, `the database cannot be used: ${refusal}`, 'give another --data folder', { cause });
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** All of it or nothing, on the disk when this returns. False where there is no room. A sample sent twice counts once. */
  push(
    host: string,
    attributes: Readonly<Record<string, string>>,
    samples: readonly PushedSample[],
    events: readonly PushedEvent[],
    now: number,
  ): boolean {
    return this.#inTransaction(() => {
      this.#run(
        `INSERT INTO hosts (name, attributes, first, last) VALUES (?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, last = excluded.last`,
        host,
        JSON.stringify(attributes),
        now,
        now,
      );
      const id = Number(this.#statement('SELECT id FROM hosts WHERE name = ?').get(host)?.['id']);
      let added = 0;
      for (const { at, boot, totalBytes, unexplained, buckets, caches } of samples)
        added += this.#run(
          'INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)',
          id,
          at,
          boot,
          totalBytes,
          unexplained ?? null,
          JSON.stringify(buckets),
          JSON.stringify(caches),
        );
      for (const { at, kind, name, detail } of events)
        this.#run(
          'INSERT OR IGNORE INTO events (host, at, kind, name, detail) VALUES (?, ?, ?, ?, ?)',
          id,
          at,
          kind,
          name,
          detail ?? null,
        );
      this.#run('UPDATE hosts SET samples = samples + ? WHERE id = ?', added, id);
    });
  }

  hosts(): readonly StoredHost[] {
    return this.#statement('SELECT name, attributes, first, last, samples FROM hosts ORDER BY name').all().map(hostOf);
  }

  host(name: string): StoredHost | undefined {
    const row = this.#statement('SELECT name, attributes, first, last, samples FROM hosts WHERE name = ?').get(name);
    return row && hostOf(row);
  }

  /** Oldest first, at most `most` of them, evenly thinned. */
  samples(host: string, most: number): readonly PushedSample[] {
    const count = this.host(host)?.samples ?? 0;
    const every = Math.max(1, Math.ceil(count / most));
    return this.#statement(
      `SELECT at, boot, total, unexplained, buckets, caches FROM (
         SELECT s.*, row_number() OVER (ORDER BY s.at DESC) AS place FROM samples s JOIN hosts h ON h.id = s.host WHERE h.name = ?)
       WHERE (place - 1) % ? = 0 ORDER BY at`,
    )
      .all(host, every)
      .map((row) => ({
        at: Number(row['at']),
        boot: text(row['boot']),
        totalBytes: Number(row['total']),
        ...(row['unexplained'] === null ? {} : { unexplained: Number(row['unexplained']) }),
        buckets: amounts(row['buckets']),
        caches: cachesOf(row['caches']),
      }));
  }

  events(host: string, most: number): readonly PushedEvent[] {
    return this.#statement(
      'SELECT e.at, e.kind, e.name, e.detail FROM events e JOIN hosts h ON h.id = e.host WHERE h.name = ? ORDER BY e.at DESC LIMIT ?',
    )
      .all(host, most)
      .map((row) => ({
        at: Number(row['at']),
        kind: text(row['kind']),
        name: text(row['name']),
        ...(typeof row['detail'] === 'string' ? { detail: row['detail'] } : {}),
      }));
  }

  /** `dump`: the file that the document is about, where the server has it. Undefined where there is no room. */
  addDocument(document: Omit<StoredDocument, 'id'>, body: string, dump?: string): number | undefined {
    const { at, title, verdict, layer, summary } = document;
    let id: number | undefined;
    this.#inTransaction(() => {
      const done = this.#statement(
        'INSERT INTO documents (at, title, verdict, layer, summary, body, dump) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(at, title, verdict, layer, summary, body, dump ?? null);
      id = Number(done.lastInsertRowid);
    });
    return id;
  }

  documents(most: number): readonly StoredDocument[] {
    return this.#statement('SELECT id, at, title, verdict, layer, summary FROM documents ORDER BY id DESC LIMIT ?')
      .all(most)
      .map((row) => ({
        id: Number(row['id']),
        at: Number(row['at']),
        title: text(row['title']),
        verdict: text(row['verdict']),
        layer: text(row['layer']),
        summary: text(row['summary']),
      }));
  }

  document(id: number): { readonly body: string; readonly dump?: string } | undefined {
    const row = this.#statement('SELECT body, dump FROM documents WHERE id = ?').get(id);
    return row && { body: text(row['body']), ...(typeof row['dump'] === 'string' ? { dump: row['dump'] } : {}) };
  }

  audit(at: number, who: string, what: string): void {
    this.#inTransaction(() => this.#run('INSERT INTO audit (at, who, what) VALUES (?, ?, ?)', at, who, what));
  }

  /** Deletes samples, events and documents older than `before`, a part of them at a time. True where there are more. */
  tidy(before: number, most = 2000): boolean {
    let deleted = 0;
    this.#inTransaction(() => {
      deleted = this.#run(
        'DELETE FROM samples WHERE (host, at) IN (SELECT host, at FROM samples WHERE at < ? LIMIT ?)',
        before,
        most,
      );
      deleted += this.#run('DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? LIMIT ?)', before, most);
      if (deleted > 0)
        this.#run('UPDATE hosts SET samples = (SELECT count(*) FROM samples WHERE samples.host = hosts.id)');
    });
    return deleted >= most;
  }

  #inTransaction(work: () => void): boolean {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      work();
      this.#database.exec('COMMIT');
      return true;
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (isOutOfRoom(cause)) return false;
      throw cause;
    }
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

type Row = Readonly<Record<string, unknown>>;

const hostOf = (row: Row): StoredHost => ({
  name: text(row['name']),
  attributes: strings(row['attributes']),
  first: Number(row['first']),
  last: Number(row['last']),
  samples: Number(row['samples']),
});

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const parsed = (value: unknown): unknown => JSON.parse(text(value) || 'null');
const entries = (value: unknown): readonly (readonly [string, unknown])[] => {
  const one = parsed(value);
  return typeof one === 'object' && one !== null ? Object.entries(one) : [];
};
const strings = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(entries(value).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one]] : [])));
const amounts = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(entries(value).flatMap(([key, one]) => (typeof one === 'number' ? [[key, one]] : [])));
const cachesOf = (value: unknown): PushedSample['caches'] =>
  entries(value).flatMap(([, one]) =>
    typeof one === 'object' && one !== null && 'name' in one && 'bytes' in one && typeof one.bytes === 'number'
      ? [{ name: text(one.name), bytes: one.bytes }]
      : [],
  );
