import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { seconds } from '../../base/units.ts';
import type { HostEvent, Sample } from '../../model/sample.ts';
import { InputError } from '../input-error.ts';
import { isHostEventKind } from './event-kinds.ts';
import { tidyStore, type Retention } from './retention.ts';
import { openStore, type OpenedStore, type StoreAccess } from './open-store.ts';
import {
  decodeAmounts,
  decodeProcesses,
  encodeAmounts,
  encodeProcesses,
  layoutOf,
  type Layout,
} from './sample-codec.ts';
import { isOutOfRoom, sqliteRefusal } from './sqlite-refusal.ts';

/** Milliseconds since 1970, both included. */
export interface StoreRange {
  readonly from?: number;
  readonly to?: number;
  /** One sample in each step of so many milliseconds, the first; without it all. */
  readonly every?: number;
}

/** The last rows that somebody has seen; zeros before the first. */
export interface WrittenPlace {
  readonly sample: number;
  readonly event: number;
}

export interface WrittenPart {
  readonly samples: readonly Sample[];
  readonly events: readonly HostEvent[];
  readonly last: WrittenPlace;
  /** Nothing more was there. */
  readonly isAll: boolean;
}

/** `full`: there was no room; nothing was written, and the next attempt may succeed. */
export type Written = 'written' | 'full';

/**
 * Samples and events of one host in a SQLite file. One process records; others read meanwhile, or add marks. What
 * `append` acknowledged survives kill -9 and, where the disk keeps its word, a power cut.
 */
export class SampleStore {
  readonly file: string;
  /** What happened to the file when it was opened, for the user: moved aside because it was corrupt. */
  readonly notes: readonly string[];
  readonly #opened: OpenedStore;
  readonly #database: DatabaseSync;
  readonly #ids = new Map<string, number>();
  readonly #layouts = new Map<number, Layout>();
  readonly #statements = new Map<string, StatementSync>();

  /** Throws InputError where the file is not there, not ours, newer than this program, or recorded into by another. */
  constructor(file: string, access: StoreAccess) {
    this.file = file;
    this.#opened = openStore(file, access);
    this.#database = this.#opened.database;
    this.notes = this.#opened.notes;
  }

  close(): void {
    this.#statements.clear();
    this.#opened.close();
  }

  append(sample: Sample): Written {
    return this.appendAll([sample]);
  }

  /** All of them or none, on the disk at once. */
  appendAll(samples: Iterable<Sample>): Written {
    return this.#inTransaction(() => {
      const insert = this.#statement(
        'INSERT INTO samples (at, boot, uptime, layout, amounts, processes) VALUES (?, ?, ?, ?, ?, ?)',
      );
      for (const sample of samples) {
        const layout = layoutOf(sample);
        insert.run(
          sample.at,
          this.#idOf('boots', 'boot', sample.boot),
          sample.uptime,
          this.#layoutId(layout),
          encodeAmounts(sample, layout),
          sample.processes.length === 0 ? null : encodeProcesses(sample.processes),
        );
      }
    });
  }

  addEvent(event: HostEvent): Written {
    return this.addEvents([event]);
  }

  /** Events, and what to know of them when the next ones are looked for: both or neither. */
  addEvents(events: readonly HostEvent[], state: ReadonlyMap<string, string> = new Map()): Written {
    if (events.length === 0 && state.size === 0) return 'written';
    return this.#inTransaction(() => {
      const insert = this.#statement('INSERT INTO events (at, boot, kind, name, detail) VALUES (?, ?, ?, ?, ?)');
      for (const { at, boot, kind, name, detail } of events)
        insert.run(at, this.#idOf('boots', 'boot', boot), kind, name, detail ?? null);
      for (const [key, value] of state)
        this.#statement('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)').run(key, value);
    });
  }

  /** What `addEvents` was given last under a key. */
  state(key: string): string | undefined {
    const row = this.#reading(() => this.#statement('SELECT value FROM state WHERE key = ?').get(key));
    return typeof row?.['value'] === 'string' ? row['value'] : undefined;
  }

  /** Thins and deletes what is old, a part of it at a time. True where there is more to do. */
  tidy(retention: Retention, now: number): boolean {
    let more = false;
    this.#inTransaction(() => {
      more = tidyStore(this.#database, retention, now);
    });
    return more;
  }

  /** In the order they were taken. Rows that are damaged are left out. */
  *samples(range: StoreRange = {}): Generator<Sample> {
    const step = Math.max(1, Math.round(range.every ?? 1));
    const one = step === 1 ? '' : `AND s.id IN (SELECT min(id) FROM samples GROUP BY boot, at / ${step})`;
    const rows = this.#reading(() =>
      this.#database
        .prepare(
          `SELECT s.at, b.boot, s.uptime, s.layout, s.amounts, s.processes FROM samples s JOIN boots b ON b.id = s.boot
           WHERE s.at BETWEEN ? AND ? ${one} ORDER BY s.id`,
        )
        .iterate(...bounds(range)),
    );
    try {
      for (;;) {
        const next = this.#reading(() => rows.next());
        if (next.done === true) return;
        const sample = this.#sampleOf(next.value);
        if (sample) yield sample;
      }
    } finally {
      // Left open by whoever stops early, it would hold this connection to what the file was then.
      rows.return?.();
    }
  }

  /** In the order they were noticed. */
  events(range: StoreRange = {}): readonly HostEvent[] {
    const rows = this.#reading(() =>
      this.#database
        .prepare(
          `SELECT e.at, b.boot, e.kind, e.name, e.detail FROM events e JOIN boots b ON b.id = e.boot
           WHERE e.at BETWEEN ? AND ? ORDER BY e.id`,
        )
        .all(...bounds(range)),
    );
    return rows.flatMap((row) => eventOf(row) ?? []);
  }

  /**
   * What was written after a place, in the order of writing, which a clock that is set does not change: at most `most` samples
   * and as many events. Undefined where there is nothing. A place beyond all that is there is one of a file that was
   * emptied since: then it begins anew.
   */
  writtenAfter({ sample, event }: WrittenPlace, most: number): WrittenPart | undefined {
    const newest = (table: 'samples' | 'events'): number => {
      const id = this.#reading(() => this.#statement(`SELECT max(id) AS id FROM ${table}`).get())?.['id'];
      return typeof id === 'number' ? id : 0;
    };
    const from = (place: number, last: number): number => (place > last ? 0 : place);
    const after = { sample: from(sample, newest('samples')), event: from(event, newest('events')) };
    const rows = this.#reading(() =>
      this.#statement(
        `SELECT s.id, s.at, b.boot, s.uptime, s.layout, s.amounts, s.processes FROM samples s JOIN boots b ON b.id = s.boot
         WHERE s.id > ? ORDER BY s.id LIMIT ?`,
      ).all(after.sample, most),
    );
    const noted = this.#reading(() =>
      this.#statement(
        `SELECT e.id, e.at, b.boot, e.kind, e.name, e.detail FROM events e JOIN boots b ON b.id = e.boot
         WHERE e.id > ? ORDER BY e.id LIMIT ?`,
      ).all(after.event, most),
    );
    if (rows.length === 0 && noted.length === 0) return undefined;
    return {
      samples: rows.flatMap((row) => this.#sampleOf(row) ?? []),
      events: noted.flatMap((row) => eventOf(row) ?? []),
      last: { sample: lastId(rows) ?? after.sample, event: lastId(noted) ?? after.event },
      isAll: rows.length < most && noted.length < most,
    };
  }

  /** Of the recording, or a part of it; undefined where nothing was recorded. */
  extent(
    range: StoreRange = {},
  ): { readonly first: number; readonly last: number; readonly samples: number } | undefined {
    const row = this.#reading(() =>
      this.#database
        .prepare('SELECT min(at) AS first, max(at) AS last, count(*) AS samples FROM samples WHERE at BETWEEN ? AND ?')
        .get(...bounds(range)),
    );
    const { first, last, samples } = row ?? {};
    if (typeof first !== 'number' || typeof last !== 'number' || typeof samples !== 'number') return undefined;
    return { first, last, samples };
  }

  /** When the last sample was taken, by all its clocks; undefined where nothing was recorded. */
  lastMoment(): Pick<Sample, 'at' | 'boot' | 'uptime'> | undefined {
    const row = this.#reading(() =>
      this.#database
        .prepare(
          'SELECT s.at, b.boot, s.uptime FROM samples s JOIN boots b ON b.id = s.boot ORDER BY s.id DESC LIMIT 1',
        )
        .get(),
    );
    const { at, boot, uptime } = row ?? {};
    if (typeof at !== 'number' || typeof boot !== 'string' || typeof uptime !== 'number') return undefined;
    return { at, boot, uptime: seconds(uptime) };
  }

  /** False where the file was deleted or replaced: what is written goes nowhere then. */
  isThere(): boolean {
    return this.#opened.isThere();
  }

  #sampleOf(row: Row): Sample | undefined {
    const { at, boot, uptime, layout: layoutId, amounts, processes } = row;
    if (typeof at !== 'number' || typeof boot !== 'string' || typeof uptime !== 'number') return undefined;
    const layout = typeof layoutId === 'number' ? this.#layout(layoutId) : undefined;
    const decoded = layout && amounts instanceof Uint8Array ? decodeAmounts(amounts, layout) : undefined;
    if (!decoded) return undefined;
    return {
      at,
      boot,
      uptime: seconds(uptime),
      ...decoded,
      processes: typeof processes === 'string' ? decodeProcesses(processes) : [],
    };
  }

  #layoutId(layout: Layout): number {
    const names = [layout.buckets, layout.caches].map((list) =>
      list.map((name) => this.#idOf('names', 'name', name)).join(' '),
    );
    return this.#idOf('layouts', 'names', names.join(';'));
  }

  #layout(id: number): Layout | undefined {
    const known = this.#layouts.get(id);
    if (known) return known;
    const row = this.#statement('SELECT names FROM layouts WHERE id = ?').get(id);
    if (typeof row?.['names'] !== 'string') return undefined;
    const [buckets = [], caches = []] = row['names']
      .split(';')
      .map((list) => (list === '' ? [] : list.split(' ').map((nameId) => this.#name(Number(nameId)))));
    const layout = { buckets, caches };
    this.#layouts.set(id, layout);
    return layout;
  }

  #name(id: number): string {
    const row = this.#statement('SELECT name FROM names WHERE id = ?').get(id);
    return typeof row?.['name'] === 'string' ? row['name'] : '';
  }

  /** The number of a text in one of the tables that hold each text once. */
  #idOf(table: 'boots' | 'names' | 'layouts', column: string, text: string): number {
    const key = `${table} ${text}`;
    if (this.#ids.size > MOST_IDS) this.#ids.clear();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#statement(`INSERT OR IGNORE INTO ${table} (${column}) VALUES (?)`).run(text);
    const row = this.#statement(`SELECT id FROM ${table} WHERE ${column} = ?`).get(text);
    const id = typeof row?.['id'] === 'number' ? row['id'] : 0;
    this.#ids.set(key, id);
    return id;
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #inTransaction(work: () => void): Written {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      work();
      this.#database.exec('COMMIT');
      return 'written';
    } catch (cause) {
      // Numbers given within what is undone are not in the file.
      this.#ids.clear();
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (isOutOfRoom(cause)) return 'full';
      throw this.#explained(cause);
    }
  }

  #reading<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#explained(cause);
    }
  }

  #explained(cause: unknown): unknown {
    const refusal = sqliteRefusal(cause);
    if (refusal === undefined || !(cause instanceof Error)) return cause;
    const remedy =
      refusal === 'corrupt'
        ? 'kleak record sets it aside and begins a new one'
        : refusal === 'busy'
          ? 'another process writes to it; try again'
          : 'check the disk and the file’s owner';
    return new InputError(this.file, cause.message, remedy, { cause });
  }
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function eventOf({ at, boot, kind, name, detail }: Row): HostEvent | undefined {
  if (typeof at !== 'number' || typeof boot !== 'string' || typeof name !== 'string') return undefined;
  if (!isHostEventKind(kind)) return undefined;
  return { at, boot, kind, name, ...(typeof detail === 'string' ? { detail } : {}) };
}

function lastId(rows: readonly Row[]): number | undefined {
  const id = rows.at(-1)?.['id'];
  return typeof id === 'number' ? id : undefined;
}

/** Kept in memory; a host whose caches come and go has ever new layouts. */
const MOST_IDS = 5000;

const bounds = ({ from, to }: StoreRange): readonly [number, number] => [
  from ?? Number.MIN_SAFE_INTEGER,
  to ?? Number.MAX_SAFE_INTEGER,
];
