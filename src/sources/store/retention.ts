import type { DatabaseSync } from 'node:sqlite';

/** What is kept for how long; all in milliseconds. */
export interface Retention {
  /** Samples and events older than this are deleted. */
  readonly keep: number;
  /** From this age on, one sample in each step of time stays. Finest first. */
  readonly thin: readonly { readonly age: number; readonly step: number }[];
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Every sample for two days, one a minute for two weeks, one in ten minutes until the end. */
export const retentionOf = (keep: number): Retention => ({
  keep,
  thin: [
    { age: 2 * DAY, step: MINUTE },
    { age: 14 * DAY, step: 10 * MINUTE },
  ],
});

/** Rows that one transaction looks at, at most: short enough for a sample to be on time. */
const ROWS = 2000;
/** A sample from the future was taken before the clock was set back; it is treated as old. */
const FUTURE = DAY;

/** Does a part of what is to do, within the caller's transaction. True where there is more. */
export function tidyStore(database: DatabaseSync, { keep, thin }: Retention, now: number): boolean {
  let more = deleteOld(database, 'samples', now - keep) || deleteOld(database, 'events', now - keep);
  for (const { age, step } of thin) more = thinOnce(database, step, now - age, now + FUTURE) || more;
  return more;
}

function deleteOld(database: DatabaseSync, table: 'samples' | 'events', before: number): boolean {
  const sql = `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE at < ? LIMIT ${ROWS})`;
  return database.prepare(sql).run(before).changes === ROWS;
}

/**
 * Of each step keeps one sample as it was taken, so that its amounts still add up: the one that looked at processes, else
 * the first. Goes on where it stopped; what is thinned once is not looked at again.
 */
function thinOnce(database: DatabaseSync, step: number, before: number, after: number): boolean {
  const key = `thinned ${step}`;
  const done = Number(database.prepare('SELECT value FROM state WHERE key = ?').get(key)?.['value'] ?? 0);
  const rows = database
    .prepare(
      `SELECT id, boot, at / ${step} AS slot, at >= ? AND at < ? AS young, processes IS NOT NULL AS rich
       FROM samples WHERE id > ? ORDER BY id LIMIT ${ROWS}`,
    )
    .all(before, after, done);
  const firstYoung = rows.findIndex((row) => row['young'] === 1);
  const old = firstYoung < 0 ? rows : rows.slice(0, firstYoung);
  const groups = [...Map.groupBy(old, (row) => `${String(row['boot'])} ${String(row['slot'])}`).values()];
  // The last group may go on behind what was read.
  const whole = firstYoung < 0 && groups.length > 1 ? groups.slice(0, -1) : firstYoung < 0 ? [] : groups;
  const remove = database.prepare('DELETE FROM samples WHERE id = ?');
  for (const group of whole) {
    const stays = group.find((row) => row['rich'] === 1) ?? group[0];
    for (const row of group) if (row !== stays && typeof row['id'] === 'number') remove.run(row['id']);
  }
  const last = whole.at(-1)?.at(-1)?.['id'];
  if (typeof last !== 'number') return false;
  database.prepare('INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)').run(key, String(last));
  return rows.length === ROWS && whole.length > 0;
}
