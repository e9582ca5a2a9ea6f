import {
  compareRates,
  joinRates,
  probabilityOfGrowth,
  rateInterval,
  type JoinedRate,
} from '../../analysis/experiment/compare-rates.ts';
import { standTogether } from '../../analysis/experiment/effect.ts';
import { measureGrowthRate, type GrowthRate } from '../../analysis/experiment/growth-rate.ts';
import { spellBytes } from '../../base/spelling.ts';
import type { VerifyFix, VerifiedSide } from '../../findings/verify-fix.ts';
import { InputError } from '../../sources/input-error.ts';
import type { CollectOptions } from '../collect.ts';
import type { Recording, Track } from '../trend/recording.ts';
import { describeVerification, type Compared } from './describe-verification.ts';
import { readRange, readSide, type Side } from './read-side.ts';

export interface VerifyOptions extends CollectOptions {
  /** Folders, archives or databases; with `db`, one range each. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly db?: string;
  /** At most this share of the old rate may be left, 0 to 1. */
  readonly remaining: number;
  /** Buckets or caches to look at; all where it is absent. */
  readonly only?: readonly string[];
}

/** What is free or given up on demand does not leak. */
const NEVER: ReadonlySet<string> = new Set(['free', 'per-cpu-lists', 'page-cache', 'swap-cache']);
/** Growth over a recording that is worth a word: a 4,096th of RAM, 512 KiB at least. */
const GATE = 1 / 4096;
const LEAST_GATE = 512 * 1024;

/** Compares how fast each bucket and cache grew before a change and after it. */
export async function verifyFix(options: VerifyOptions): Promise<VerifyFix> {
  const [before, after] = await readBoth(options);
  return compareSides(before, after, options);
}

/** The part behind reading. */
export function compareSides(
  before: Side,
  after: Side,
  { only, remaining }: Pick<VerifyOptions, 'only' | 'remaining'>,
): VerifyFix {
  const wanted = (name: string): boolean => !NEVER.has(name) && (!only || only.includes(name));
  const earlier = ratesOf(before, (track) => wanted(track.name) && (only !== undefined || hasMoved(track)));
  const later = ratesOf(after, (track) => wanted(track.name) && (earlier.has(keyOf(track)) || hasMoved(track)));
  if (only && earlier.size === 0)
    throw new InputError(only.join(', '), 'is no bucket or cache of what was recorded before', namesOf(before));
  const grows = growing(earlier, totalOf(before));
  const compared = [...earlier.values()].flatMap(({ track, rate }): Compared[] => {
    const next = later.get(keyOf(track))?.rate ?? unseenRate(track, after);
    if (!grows.has(keyOf(track)) || !next) return [];
    return [{ track, before: rate, after: next, result: compareRates(rate, next, remaining) }];
  });
  const grown = growing(later, totalOf(after));
  const fresh = [...later.values()].filter(({ track }) => grown.has(keyOf(track)) && !grows.has(keyOf(track)));
  return describeVerification({
    compared,
    fresh,
    remaining,
    before: describeSide(before),
    after: describeSide(after),
    notes: notesOf(before, after),
    unread: [...before.unread, ...after.unread],
    bound: boundOf(earlier),
  });
}

async function readBoth({ before, after, db, ...options }: VerifyOptions): Promise<readonly [Side, Side]> {
  if (db === undefined) return [await readSide(before, options), await readSide(after, options)];
  const [from, to] = [before, after].map((ranges) => {
    if (ranges.length !== 1)
      throw new InputError('--db', 'takes one range for --before and one for --after', 'give FROM..TO');
    return readRange(db, ranges[0] ?? '');
  });
  if (!from || !to) throw new InputError('--db', 'takes two ranges', 'give --before FROM..TO --after FROM..TO');
  return [from, to];
}

export interface TrackRate {
  readonly track: Pick<Track, 'kind' | 'name'>;
  readonly rate: JoinedRate;
}

const keyOf = ({ kind, name }: Pick<Track, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Bytes: what moved less over a recording does not grow, and needs no statistics. */
const LEAST_MOVE = 256 * 1024;

function hasMoved({ values }: Track): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low >= LEAST_MOVE;
}

/** Recorders leave out caches below a 65,536th of RAM: what is not listed never held more. */
const UNLISTED = 1 / 65_536;
const UNLISTED_FREEDOM = 20;

/** Of a cache that a side does not list. */
function unseenRate({ kind }: Pick<Track, 'kind' | 'name'>, side: Side): JoinedRate | undefined {
  const { hours, hosts } = describeSide(side);
  if (kind !== 'cache' || hours <= 0) return undefined;
  const most = Math.max(LEAST_MOVE, totalOf(side) * UNLISTED);
  const errorAfter = (later: number): number => most / 2 / later;
  return { perHour: 0, error: errorAfter(hours), freedom: UNLISTED_FREEDOM, hosts, between: 0, hours, errorAfter };
}

/** The rate of each quantity over the hosts of a side. */
function ratesOf(side: Side, wanted: (track: Track) => boolean): ReadonlyMap<string, TrackRate> {
  const byTrack = new Map<string, { track: Pick<Track, 'kind' | 'name'>; rates: GrowthRate[] }>();
  for (const { recording } of side.hosts) {
    const times = recording.times();
    for (const track of recording.tracks.filter(wanted)) {
      const rate = measureGrowthRate(recording.points(track, times), recording.last?.totalBytes ?? 0);
      if (!rate) continue;
      const known = byTrack.get(keyOf(track));
      if (known) known.rates.push(rate);
      else byTrack.set(keyOf(track), { track, rates: [rate] });
    }
  }
  const joined = [...byTrack].flatMap(([key, { track, rates }]): (readonly [string, TrackRate])[] => {
    const rate = joinRates(rates);
    return rate ? [[key, { track, rate }]] : [];
  });
  return new Map(joined);
}

/** Keys of what grows for sure, all quantities taken together, and by more than a host breathes. */
function growing(rates: ReadonlyMap<string, TrackRate>, total: number): ReadonlySet<string> {
  const all = [...rates];
  const stands = standTogether(all.map(([, { rate }]) => probabilityOfGrowth(rate)));
  const gate = Math.max(LEAST_GATE, total * GATE);
  return new Set(
    all.filter(([, { rate }], i) => stands[i] === true && rate.perHour * rate.hours >= gate).map(([key]) => key),
  );
}

/** Of what nothing grew for sure: the fastest growth that is not excluded, bytes per hour. */
function boundOf(rates: ReadonlyMap<string, TrackRate>): number {
  return Math.max(0, ...[...rates.values()].map(({ rate }) => rateInterval(rate).high));
}

const totalOf = ({ hosts }: Side): number => Math.max(0, ...hosts.map((h) => h.recording.last?.totalBytes ?? 0));

const namesOf = ({ hosts }: Side): string => {
  const names = (hosts[0]?.recording.tracks ?? []).filter((t) => t.kind !== 'cache').map((t) => t.name);
  return `there are ${names.slice(0, 20).join(', ')}, and caches by name`;
};

function describeSide({ inputs, hosts, wallClock }: Side): VerifiedSide {
  const times = hosts.map(({ recording }) => recording.times());
  const hours = times.map((t) => ((t.at(-1) ?? 0) - (t[0] ?? 0)) / 3600);
  const iso = (seconds: number): string => new Date(Math.min(8.64e15, seconds * 1000)).toISOString();
  return {
    inputs,
    hosts: hosts.length,
    samples: hosts.reduce((sum, h) => sum + h.recording.samples, 0),
    hours: Number((hours.reduce((a, b) => a + b, 0) / Math.max(1, hours.length)).toPrecision(4)),
    ...(wallClock
      ? { from: iso(Math.min(...times.map((t) => t[0] ?? 0))), to: iso(Math.max(...times.map((t) => t.at(-1) ?? 0))) }
      : {}),
  };
}

function notesOf(before: Side, after: Side): readonly string[] {
  const [a, b] = [totalOf(before), totalOf(after)];
  const overlap = (side: Side, recording: Recording): boolean =>
    side.hosts.some((h) => overlaps(h.recording, recording));
  return [
    ...(a > 0 && Math.abs(a - b) > 0.1 * a
      ? [`the hosts differ: ${spellBytes(a)} of RAM before, ${spellBytes(b)} after`]
      : []),
    ...(before.wallClock &&
    after.wallClock &&
    before.hosts.length === 1 &&
    after.hosts.some((h) => overlap(before, h.recording))
      ? ['the two overlap in time; where they are of one host, give ranges that do not']
      : []),
  ];
}

function overlaps(a: Recording, b: Recording): boolean {
  const [x, y] = [a.times(), b.times()];
  return (x[0] ?? 0) < (y.at(-1) ?? 0) && (y[0] ?? 0) < (x.at(-1) ?? 0);
}
