import { createHash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { packAmounts, readNames, unpackAmounts, type Names, type PushedSample } from './pushed-sample.ts';
import { doubtsClock, KEEP, tidyHost, tidyRest } from './server-retention.ts';
import { explained, openServerDatabase, SCHEMA, SINCE_1, VERSION } from './server-schema.ts';
import { amountsOf, cacheOf, entries, hostOf, text, type Row, type StoredHost } from './server-rows.ts';
import { isOutOfRoom, sqliteRefusal, type SqliteRefusal } from './sqlite-refusal.ts';
import { pragma } from './store-schema.ts';

export interface PushedEvent {
  readonly at: number;
  readonly kind: string;
  readonly name: string;
  readonly detail?: string;
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

/** Hosts that are known at the same time: names that somebody makes up fill no disk. */
const MOST_HOSTS = 10_000;
/** Samples of a host: one that sends more than thinning takes away fills no disk. */
const MOST_SAMPLES = 500_000;
/** Lists of names that are kept in memory. */
const MOST_LAYOUTS = 2000;
const DAY = 86_400_000;
const EVER = Number.MAX_SAFE_INTEGER;
/** Of a sample. */
const COLUMNS = 'at, boot, total, unexplained, layout, amounts';

/**
 * What a server keeps: hosts with their samples, documents, and who asked for what, in one SQLite file. What `push`
 * acknowledged survives kill -9. Throws InputError where the file is somebody else's, newer, or cannot be used.
 */
export class ServerStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #mostHosts: number;
  readonly #layouts = new Map<number, Names>();
  /** The host that is next to be tidied. */
  #tidied = 0;

  constructor(file: string, { mostHosts = MOST_HOSTS }: { readonly mostHosts?: number } = {}) {
    this.#mostHosts = mostHosts;
    this.#database = openServerDatabase(file);
    explained(file, this.#database, () => this.#renew());
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Why nothing can be written; undefined where it can. */
  tryToWrite(): SqliteRefusal | undefined {
    return this.#inTransaction(() => undefined);
  }

  /**
   * All of it or nothing, on the disk when this returns `kept`. `refused`: too many hosts are known already, or too much of this one;
   * else why the database cannot be written. A sample sent twice counts once.
   */
  push(
    host: string,
    attributes: Readonly<Record<string, string>>,
    samples: readonly PushedSample[],
    events: readonly PushedEvent[],
    now: number,
  ): 'kept' | 'refused' | SqliteRefusal {
    const known = this.host(host);
    if (known ? known.samples + samples.length > MOST_SAMPLES : this.#hostCount() >= this.#mostHosts) return 'refused';
    const refusal = this.#inTransaction(() => {
      this.#run(
        `INSERT INTO hosts (name, attributes, first, last) VALUES (?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, last = excluded.last`,
        host,
        JSON.stringify(attributes),
        now,
        now,
      );
      const id = this.#idOf(host) ?? 0;
      const added = samples.reduce((sum, sample) => sum + this.#addSample(id, sample, now), 0);
      for (const { at, kind, name, detail } of events)
        this.#run(
          'INSERT OR IGNORE INTO events (host, at, kind, name, detail) VALUES (?, ?, ?, ?, ?)',
          id,
          at,
          kind,
          name,
          detail ?? null,
        );
      // What comes late is thinned like the rest.
      const oldest = Math.min(...samples.map(({ at }) => at), now);
      this.#run(
        'UPDATE hosts SET samples = samples + ?, thinned_minute = min(thinned_minute, ?), thinned_ten = min(thinned_ten, ?) WHERE id = ?',
        added,
        oldest - 1,
        oldest - 1,
        id,
      );
    });
    return refusal ?? 'kept';
  }

  hosts(): readonly StoredHost[] {
    return this.#statement('SELECT name, attributes, first, last, samples FROM hosts ORDER BY name').all().map(hostOf);
  }

  host(name: string): StoredHost | undefined {
    const row = this.#statement('SELECT name, attributes, first, last, samples FROM hosts WHERE name = ?').get(name);
    return row && hostOf(row);
  }

  /** Oldest first, at most `most` of them, evenly in time, the newest among them. `caches`: whether they are wanted. */
  samples(host: string, most: number, { caches = true }: { readonly caches?: boolean } = {}): readonly PushedSample[] {
    const id = this.#idOf(host);
    if (id === undefined) return [];
    const count = this.host(host)?.samples ?? 0;
    const [from, to] = this.#span(id);
    const rows =
      count <= most
        ? this.#statement(`SELECT ${COLUMNS} FROM samples WHERE host = ? AND at BETWEEN ? AND ? ORDER BY at`).all(
            id,
            from,
            to,
          )
        : this.#rowsInSteps(id, most, from, to);
    return rows.map((row) => this.#sampleOf(row, caches));
  }

  /** As `samples`, of a part of the time, both ends included. */
  samplesBetween(host: string, from: number, to: number, most: number): readonly PushedSample[] {
    const id = this.#idOf(host);
    return id === undefined ? [] : this.#rowsInSteps(id, most, from, to).map((row) => this.#sampleOf(row, true));
  }

  /** The last at or before a moment, or the first after it where there is none; without a moment the last of all. */
  sampleAt(host: string, moment?: number): PushedSample | undefined {
    const id = this.#idOf(host);
    if (id === undefined) return undefined;
    const at = moment ?? this.#span(id)[1];
    const row =
      this.#statement(`SELECT ${COLUMNS} FROM samples WHERE host = ? AND at <= ? ORDER BY at DESC LIMIT 1`).get(
        id,
        at,
      ) ?? this.#statement(`SELECT ${COLUMNS} FROM samples WHERE host = ? AND at > ? ORDER BY at LIMIT 1`).get(id, at);
    return row && this.#sampleOf(row, true);
  }

  /**
   * What there can be of a host: one sample of 1970, or of 2099, taken before its clock was set, would stretch every picture until it
   * is tidied away. All of them where there is none but such.
   */
  #span(host: number): readonly [from: number, to: number] {
    const last = Number(this.#statement('SELECT last FROM hosts WHERE id = ?').get(host)?.['last']);
    const span = [last - KEEP, last + DAY] as const;
    const some = this.#statement('SELECT 1 FROM samples WHERE host = ? AND at BETWEEN ? AND ? LIMIT 1').get(
      host,
      ...span,
    );
    return some ? span : [-EVER, EVER];
  }

  /** By one look-up each: how long it takes depends on `most`, not on how many there are. */
  #rowsInSteps(host: number, most: number, from = -EVER, to = EVER): readonly Row[] {
    const range = this.#statement(
      'SELECT (SELECT min(at) FROM samples WHERE host = ?1 AND at >= ?2) AS first, (SELECT max(at) FROM samples WHERE host = ?1 AND at <= ?3) AS last',
    ).get(host, from, to);
    const [first, last] = [Number(range?.['first'] ?? EVER), Number(range?.['last'] ?? -EVER)];
    if (first > last) return [];
    const find = this.#statement(
      `SELECT ${COLUMNS} FROM samples WHERE host = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT 1`,
    );
    const step = Math.max(1, (last - first) / Math.max(1, most - 1));
    const rows: Row[] = [];
    for (let i = 0; i < most; i++) {
      const end = Math.round(last - i * step);
      const row = find.get(host, Math.round(end - step) + 1, end);
      if (row) rows.push(row);
    }
    return rows.toReversed();
  }

  #sampleOf(row: Row, withCaches: boolean): PushedSample {
    const names = this.#namesOf(Number(row['layout']));
    const packed = row['amounts'] instanceof Uint8Array ? row['amounts'] : new Uint8Array();
    return {
      at: Number(row['at']),
      boot: text(row['boot']),
      totalBytes: Number(row['total']),
      ...(row['unexplained'] === null ? {} : { unexplained: Number(row['unexplained']) }),
      ...unpackAmounts(withCaches ? names : { ...names, caches: [] }, packed),
    };
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
    const refusal = this.#inTransaction(() => {
      const done = this.#statement(
        'INSERT INTO documents (at, title, verdict, layer, summary, body, dump) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(at, title, verdict, layer, summary, body, dump ?? null);
      id = Number(done.lastInsertRowid);
    });
    return refusal === undefined ? id : undefined;
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

  document(id: number): { readonly title: string; readonly body: string; readonly dump?: string } | undefined {
    const row = this.#statement('SELECT title, body, dump FROM documents WHERE id = ?').get(id);
    const dump = row?.['dump'];
    return row && { title: text(row['title']), body: text(row['body']), ...(typeof dump === 'string' ? { dump } : {}) };
  }

  /** Files of dumps that documents are about, the newest first. */
  dumps(): readonly { readonly id: number; readonly at: number; readonly file: string }[] {
    return this.#statement('SELECT id, at, dump FROM documents WHERE dump IS NOT NULL ORDER BY id DESC')
      .all()
      .map((row) => ({ id: Number(row['id']), at: Number(row['at']), file: text(row['dump']) }));
  }

  deleteDocument(id: number): void {
    this.#inTransaction(() => this.#run('DELETE FROM documents WHERE id = ?', id));
  }

  /** The document stays; the file that it is about is no longer kept. */
  forgetDump(id: number): void {
    this.#inTransaction(() => this.#run('UPDATE documents SET dump = NULL WHERE id = ?', id));
  }

  audit(at: number, who: string, what: string): void {
    this.#inTransaction(() => this.#run('INSERT INTO audit (at, who, what) VALUES (?, ?, ?)', at, who, what));
  }

  /** Whether what is old by this clock may be new. `jumped`: milliseconds by which it was set while the server ran. */
  doubtClock(now: number, jumped: number): boolean {
    return doubtsClock(this.#database, now, jumped);
  }

  /**
   * Thins and deletes what is old, a bounded part of it at a time, one host after the other. True where there is more to do in
   * this round.
   */
  tidy(now: number): boolean {
    const next = this.#statement('SELECT id FROM hosts WHERE id >= ? ORDER BY id LIMIT 1').get(this.#tidied)?.['id'];
    if (typeof next !== 'number') {
      this.#tidied = 0;
      this.#layouts.clear();
      this.#inTransaction(() => tidyRest(this.#database, now));
      return false;
    }
    let more = false;
    const refusal = this.#inTransaction(() => {
      more = tidyHost(this.#database, next, now);
    });
    this.#tidied = more && refusal === undefined ? next : next + 1;
    return true;
  }

  /** What is empty or older gets the form of this version. */
  #renew(): void {
    const version = pragma(this.#database, 'user_version');
    if (version === VERSION) return;
    this.#database.exec(`BEGIN IMMEDIATE; ${version === 1 ? SINCE_1 : ''} ${SCHEMA}`);
    if (version === 1) this.#convert();
    this.#database.exec('COMMIT');
  }

  #convert(): void {
    for (const row of this.#database.prepare('SELECT * FROM samples_1').iterate()) {
      const { at, boot, total, unexplained } = row;
      const sample = {
        at: Number(at),
        boot: text(boot),
        totalBytes: Number(total),
        ...(unexplained === null ? {} : { unexplained: Number(unexplained) }),
        buckets: amountsOf(entries(row['buckets'])),
        caches: entries(row['caches']).flatMap(([, one]) => cacheOf(one)),
      };
      this.#addSample(Number(row['host']), sample, Date.now());
    }
    this.#database.exec('DROP TABLE samples_1');
  }

  #addSample(host: number, { at, boot, totalBytes, unexplained, ...named }: PushedSample, now: number): number {
    const { names, amounts } = packAmounts(named);
    return this.#run(
      'INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)',
      host,
      at,
      boot,
      totalBytes,
      unexplained ?? null,
      this.#layoutId(names, now),
      amounts,
    );
  }

  /** A list of names is kept while samples come that have it. */
  #layoutId(names: string, now: number): number {
    const hash = createHash('sha256').update(names).digest('base64');
    const row = this.#statement('SELECT id, used FROM layouts WHERE hash = ?').get(hash);
    if (!row) {
      this.#run('INSERT INTO layouts (hash, names, used) VALUES (?, ?, ?)', hash, names, now);
      return Number(this.#statement('SELECT last_insert_rowid() AS id').get()?.['id']);
    }
    if (Number(row['used']) < now - DAY) this.#run('UPDATE layouts SET used = ? WHERE id = ?', now, Number(row['id']));
    return Number(row['id']);
  }

  #namesOf(layout: number): Names {
    const known = this.#layouts.get(layout);
    if (known) return known;
    const row = this.#statement('SELECT names FROM layouts WHERE id = ?').get(layout);
    const names = readNames(text(row?.['names']) || '[]');
    if (this.#layouts.size >= MOST_LAYOUTS) this.#layouts.clear();
    this.#layouts.set(layout, names);
    return names;
  }

  #idOf(host: string): number | undefined {
    const id = this.#statement('SELECT id FROM hosts WHERE name = ?').get(host)?.['id'];
    return typeof id === 'number' ? id : undefined;
  }

  #hostCount(): number {
    return Number(this.#statement('SELECT count(*) AS count FROM hosts').get()?.['count']);
  }

  /** Why nothing was written; undefined where it was. */
  #inTransaction(work: () => void): SqliteRefusal | undefined {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      work();
      this.#database.exec('COMMIT');
      return undefined;
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const refusal = isOutOfRoom(cause) ? 'full' : sqliteRefusal(cause);
      if (refusal === undefined) throw cause;
      return refusal;
    }
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array | null)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}
