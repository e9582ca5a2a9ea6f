import type { DatabaseSync } from 'node:sqlite';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds that samples, events and documents are kept. */
export const KEEP: number = 30 * DAY;
/** From this age on one sample in each step of time stays: every one for six hours, one a minute for two days, then one in ten minutes. */
const THIN = [
  { age: 6 * HOUR, step: MINUTE, done: 'thinned_minute' },
  { age: 2 * DAY, step: 10 * MINUTE, done: 'thinned_ten' },
] as const;
/** Rows that one transaction looks at, at most: pages wait that long. */
const ROWS = 1000;
/** A sample from further ahead was taken by a clock that went wrong, and would else stay for ever. */
const FUTURE = DAY;

/**
 * Whether this clock is more than a day apart from those of the hosts that were heard in the last hour: what is old by it may be new.
 * Where none was heard, by how many milliseconds it was set decides.
 */
export function doubtsClock(database: DatabaseSync, now: number, jumped: number): boolean {
  const near = `SELECT 1 FROM samples WHERE host = hosts.id AND at BETWEEN ${now - DAY} AND ${now + DAY}`;
  const heard = database
    .prepare(
      `SELECT count(*) AS hosts, sum(EXISTS (${near})) AS near FROM hosts WHERE samples > 0 AND abs(? - last) < ${HOUR}`,
    )
    .get(now);
  return Number(heard?.['hosts']) > 0 ? Number(heard?.['near']) === 0 : jumped > DAY;
}

/** One host's samples and events: a part of what is to do, within the caller's transaction. True where there is more. */
export function tidyHost(database: DatabaseSync, host: number, now: number): boolean {
  let deleted = 0;
  let more = false;
  for (const range of [`at < ${now - KEEP}`, `at > ${now + FUTURE}`]) {
    const rows = deleteRows(database, `SELECT at FROM samples WHERE host = ? AND ${range} LIMIT ${ROWS}`, host);
    deleted += rows;
    more ||= rows === ROWS;
  }
  for (const { age, step, done } of THIN) {
    const thinned = thin(database, host, done, step, now - age);
    deleted += thinned.deleted;
    more ||= thinned.more;
  }
  if (deleted > 0) database.prepare('UPDATE hosts SET samples = samples - ? WHERE id = ?').run(deleted, host);
  database
    .prepare(`DELETE FROM events WHERE id IN (SELECT id FROM events WHERE host = ? AND at < ? LIMIT ${ROWS})`)
    .run(host, now - KEEP);
  database
    .prepare('DELETE FROM hosts WHERE id = ? AND last < ? AND samples <= 0 AND id NOT IN (SELECT host FROM events)')
    .run(host, now - KEEP);
  return more;
}

/** Documents, lines of the audit, and lists of names that no sample has had for as long. */
export function tidyRest(database: DatabaseSync, now: number): void {
  for (const [table, column] of [
    ['documents', 'at'],
    ['audit', 'at'],
    ['layouts', 'used'],
  ] as const)
    database
      .prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${column} < ? LIMIT ${ROWS})`)
      .run(now - (table === 'layouts' ? 2 * KEEP : KEEP));
}

function deleteRows(database: DatabaseSync, select: string, host: number): number {
  const remove = database.prepare('DELETE FROM samples WHERE host = ? AND at = ?');
  const rows = database.prepare(select).all(host);
  for (const { at } of rows) remove.run(host, Number(at));
  return rows.length;
}

/** Goes on where it stopped; the first sample of each step stays, of each boot. */
function thin(
  database: DatabaseSync,
  host: number,
  column: (typeof THIN)[number]['done'],
  step: number,
  before: number,
): { readonly deleted: number; readonly more: boolean } {
  const done = Number(database.prepare(`SELECT ${column} AS at FROM hosts WHERE id = ?`).get(host)?.['at'] ?? 0);
  const rows = database
    .prepare(`SELECT at, boot FROM samples WHERE host = ? AND at > ? AND at < ? ORDER BY at LIMIT ${ROWS}`)
    .all(host, done, before)
    .map(({ at, boot }) => ({ at: Number(at), slot: `${String(boot)} ${Math.floor(Number(at) / step)}` }));
  const last = rows.at(-1);
  if (!last) return { deleted: 0, more: false };
  const remove = database.prepare('DELETE FROM samples WHERE host = ? AND at = ?');
  const dropped = rows.filter(({ slot }, i) => i > 0 && rows[i - 1]?.slot === slot);
  for (const { at } of dropped) remove.run(host, at);
  // The next part begins with the sample that stayed of the last step, so that the step's others are seen beside it.
  const stayed = rows.findLast(({ slot }, i) => i === 0 || rows[i - 1]?.slot !== slot) ?? last;
  const more = rows.length === ROWS;
  database.prepare(`UPDATE hosts SET ${column} = ? WHERE id = ?`).run(more ? stayed.at - 1 : last.at, host);
  return { deleted: dropped.length, more };
}
