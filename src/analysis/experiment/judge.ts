import { bytes, type Bytes } from '../../base/units.ts';
import type { Sample } from '../../model/sample.ts';
import { isReclaimableCache } from '../../model/slab-names.ts';
import type { Point } from '../slope.ts';
import { LEAST_AFTER, measureEffect, standTogether, type Effect } from './effect.ts';
import { quantitiesOf, RESOLUTION, type Quantity } from './quantities.ts';
import { settledFrom } from './settle.ts';

/** One quantity, and what an act did to it. */
export interface Measured {
  readonly kind: Quantity['kind'];
  readonly name: string;
  readonly effect: Effect;
  /** True where the change stands against noise and drift, all quantities taken together, and is worth a word. */
  readonly sure: boolean;
  /** True where it grew before, and that it hardly does so after the act stands, all quantities taken together. */
  readonly stopped: boolean;
  /** True for what the kernel holds for itself and does not give up on demand. */
  readonly kernel: boolean;
}

export type Outcome = 'came-back' | 'grew' | 'nothing' | 'cannot-tell';

export interface Judgement {
  readonly outcome: Outcome;
  /** True where what came back is the kernel's own. */
  readonly kernel: boolean;
  /** True where the kernel's own memory grew before, and stopped. */
  readonly stopped: boolean;
  /** False where memory was still moving when the measurement ended. */
  readonly settled: boolean;
  /** Samples after the act that counted. */
  readonly counted: number;
  readonly quantities: readonly Measured[];
  /** What a change must reach to be worth a word on this host. */
  readonly gate: Bytes;
}

/** A 32,768th of RAM, at least 512 KiB: below it a host breathes, and jumps by chance. */
const gateOf = (total: Bytes): Bytes => bytes(Math.max(2 ** 19, Math.round(total / 32_768)));
/** "Nothing came back" is said where more than this is excluded: a 4,096th of RAM, at least 1 MiB. */
const excludedFrom = (total: Bytes): number => Math.max(2 ** 20, total / 4096);

/** A change that a chance jump explains this often is not sure. */
const MOST_CHANCE = 0.05;

/** Free memory mirrors all the rest, and page cache comes and goes with reads: neither is what came back. */
const NOT_HELD: ReadonlySet<string> = new Set(['free', 'per-cpu-lists', 'page-cache']);
const OF_USERS: ReadonlySet<string> = new Set(['processes', 'shmem', 'swap-cache', 'hugetlb', 'balloon']);

/**
 * Compares samples before an act with those after it. `began` is the uptime at which the act began. Samples of a
 * transition are left out where it ended. Undefined where there are too few samples on either side.
 */
export function judgeAct(before: readonly Sample[], after: readonly Sample[], began: number): Judgement | undefined {
  const total = before[0]?.totalBytes ?? bytes(0);
  const start = startOfRest(before, after);
  const from = Math.max(0, start ?? Math.min(after.length - LEAST_AFTER, Math.floor((after.length * 2) / 3)));
  const counted = after.slice(from);
  const all = measureAll({ before, between: after.slice(0, from), after: counted }, began);
  if (all.length === 0) return undefined;
  const gate = gateOf(total);
  const quantities = [
    ...withSurety(
      all.filter((m) => m.kind === 'sum'),
      gate,
    ),
    ...withSurety(
      all.filter((m) => m.kind !== 'sum'),
      gate,
    ),
  ];
  return {
    ...conclude(quantities, excludedFrom(total)),
    stopped: quantities.some((q) => q.stopped && q.kernel),
    settled: start !== undefined,
    counted: counted.length,
    quantities,
    gate,
  };
}

/** Of all that is in use, and of what the kernel holds, the later one. */
function startOfRest(before: readonly Sample[], after: readonly Sample[]): number | undefined {
  const earlier = new Map(quantitiesOf(before).map((q) => [q.name, q.points]));
  const starts = quantitiesOf(after)
    .filter((q) => q.kind === 'sum')
    .map((q) => settledFrom(q.points, rateOf(earlier.get(q.name) ?? []), RESOLUTION));
  return starts.length === 0 || starts.includes(undefined) ? undefined : Math.max(...starts.map((s) => s ?? 0));
}

function rateOf(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  return first && last && last[0] > first[0] ? (last[1] - first[1]) / (last[0] - first[0]) : 0;
}

type Plain = Omit<Measured, 'sure' | 'stopped'>;

interface Phases {
  readonly before: readonly Sample[];
  readonly between: readonly Sample[];
  readonly after: readonly Sample[];
}

function measureAll({ before, between, after }: Phases, began: number): readonly Plain[] {
  const moving = new Map(quantitiesOf(between).map((q) => [`${q.kind} ${q.name}`, q.points]));
  const later = new Map(quantitiesOf(after).map((q) => [`${q.kind} ${q.name}`, q]));
  const earlier = new Map(quantitiesOf(before).map((q) => [`${q.kind} ${q.name}`, q]));
  return [...new Set([...earlier.keys(), ...later.keys()])].flatMap((key): Plain[] => {
    const quantity = earlier.get(key) ?? later.get(key);
    if (!quantity || (quantity.kind === 'bucket' && NOT_HELD.has(quantity.name))) return [];
    // A bucket that one side lacks altogether is empty there; of a cache nothing is known then.
    const empty = (samples: readonly Sample[]): readonly Point[] =>
      quantity.kind === 'bucket' && quantity.name !== 'unexplained' ? samples.map((s) => [s.uptime, 0] as const) : [];
    const effect = measureEffect(
      earlier.get(key)?.points ?? empty(before),
      later.get(key)?.points ?? empty(after),
      began,
      RESOLUTION,
      moving.get(key) ?? [],
    );
    return effect ? [{ kind: quantity.kind, name: quantity.name, effect, kernel: isKernels(quantity) }] : [];
  });
}

function isKernels({ kind, name }: Quantity): boolean {
  if (kind === 'cache') return !isReclaimableCache(name);
  return kind === 'sum' ? name === 'kernel' : !OF_USERS.has(name) && name !== 'slab-reclaimable';
}

function withSurety(measured: readonly Plain[], gate: number): readonly Measured[] {
  const stands = standTogether(measured.map((m) => m.effect.probability));
  const turns = standTogether(measured.map((m) => m.effect.driftProbability));
  return measured.map((m, i) => ({
    ...m,
    sure: stands[i] === true && sizeOf(m.effect) >= gate && m.effect.chance <= MOST_CHANCE,
    stopped: turns[i] === true && hasStopped(m.effect, gate),
  }));
}

/** A growth of which at most this share is left has stopped. */
const LEFT = 0.3;
/** Seconds in which a growth must make a change worth a word: what grows slower is not seen to stop in minutes. */
const SOON = 60;

function hasStopped({ driftBefore, driftAfter }: Effect, gate: number): boolean {
  return driftBefore.low > 0 && driftBefore.value * SOON >= gate && driftAfter.high < LEFT * driftBefore.value;
}

/** What changed by either measure: against the drift, and against the level before. */
function sizeOf({ change, step }: Effect): number {
  return Math.sign(change.value) === Math.sign(step.value) ? Math.min(Math.abs(change.value), Math.abs(step.value)) : 0;
}

function conclude(
  quantities: readonly Measured[],
  excluded: number,
): { readonly outcome: Outcome; readonly kernel: boolean } {
  const sure = quantities.filter((q) => q.sure);
  const back = sure.filter((q) => q.effect.change.value < 0);
  const inUse = quantities.find((q) => q.name === 'in-use');
  const kernel = quantities.find((q) => q.name === 'kernel');
  if (back.length > 0) return { outcome: 'came-back', kernel: back.some((q) => q.kernel) };
  if (sure.some((q) => q.kind === 'sum')) return { outcome: 'grew', kernel: false };
  const narrow = [inUse, kernel].every((q) => q !== undefined && q.effect.step.low > -excluded);
  return { outcome: narrow ? 'nothing' : 'cannot-tell', kernel: false };
}
