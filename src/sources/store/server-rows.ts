import type { PushedSample } from './pushed-sample.ts';

/** A host as it is known: what it last said of itself. */
export interface StoredHost {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 by the server's clock. */
  readonly first: number;
  readonly last: number;
  readonly samples: number;
}

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

export const hostOf = (row: Row): StoredHost => ({
  name: text(row['name']),
  attributes: strings(row['attributes']),
  first: Number(row['first']),
  last: Number(row['last']),
  samples: Number(row['samples']),
});

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const parsed = (value: unknown): unknown => JSON.parse(text(value) || 'null');
export const entries = (value: unknown): readonly (readonly [string, unknown])[] => {
  const one = parsed(value);
  return typeof one === 'object' && one !== null ? Object.entries(one) : [];
};
const strings = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(entries(value).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one]] : [])));
export const amountsOf = (all: ReturnType<typeof entries>): Readonly<Record<string, number>> =>
  Object.fromEntries(all.flatMap(([key, one]) => (typeof one === 'number' ? [[key, one]] : [])));
export const cacheOf = (one: unknown): PushedSample['caches'] =>
  typeof one === 'object' && one !== null && 'name' in one && 'bytes' in one && typeof one.bytes === 'number'
    ? [{ name: text(one.name), bytes: one.bytes }]
    : [];
