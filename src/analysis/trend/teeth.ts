import { medianOf, spreadOf, type Bin } from './bins.ts';

/** What a saw-tooth is made of: it rises for long, and falls at once. */
export interface Teeth {
  readonly count: number;
  /** Usual fall, bytes. */
  readonly height: number;
  /** Lowest points, one after each fall. */
  readonly floor: readonly (readonly [at: number, value: number])[];
}

/** Share of the whole range (less growth) that a fall has at least. */
const DEEP = 0.35;
/** And in spreads of what changes from one bin to the next. */
const BEYOND_NOISE = 6;
/** Bytes: of less, counters of whole pages make teeth themselves. */
const LEAST = 64 * 1024;
/** A fall takes at most this share of the time that a rise takes. */
const SUDDEN = 0.4;
/** Half-way through a rise it has risen by at least and at most this share: a burst or a jump has not, or has wholly. */
const HALF_WAY = [0.2, 0.93] as const;
/** Share of all falls that are a tooth's. */
const REGULAR = 0.7;
/** Fewer might as well be a leak that was given back two or three times. */
const FEWEST = 4;

/** The teeth of a saw-tooth; undefined where it is none. `perHour`: growth to take out before heights are compared. */
export function findTeeth(bins: readonly Bin[], perHour: number): Teeth | undefined {
  const start = bins[0]?.at ?? 0;
  const level = bins.map((b) => b.median - (perHour * (b.at - start)) / 3600);
  const sorted = level.toSorted((a, b) => a - b);
  const range = (sorted[Math.floor(sorted.length * 0.97)] ?? 0) - (sorted[Math.floor(sorted.length * 0.03)] ?? 0);
  const changes = level.slice(1).map((v, i) => v - (level[i] ?? v));
  const usual = medianOf(changes.toSorted((a, b) => a - b));
  const noise = spreadOf(changes.map((change) => change - usual));
  const turns = findTurns(level, Math.max(DEEP * range, BEYOND_NOISE * noise, LEAST));
  const teeth = turns.flatMap((low, i): readonly Tooth[] => {
    const [from, high] = [turns[i - 2], turns[i - 1]];
    return low.kind === 'low' && from && high && sameStretch(bins, from.at, low.at) ? [{ from, high, low }] : [];
  });
  const good = teeth.filter((tooth) => isTooth(level, tooth));
  if (good.length < FEWEST || good.length < REGULAR * teeth.length) return undefined;
  return {
    count: good.length,
    height: medianOf(good.map(({ high, low }) => high.value - low.value).toSorted((a, b) => a - b)),
    floor: [good[0]?.from, ...good.map(({ low }) => low)].flatMap((low) => {
      const bin = low && bins[low.at];
      return bin ? [[bin.at, bin.low] as const] : [];
    }),
  };
}

/** A rise from a low to a high, and the fall behind it. */
interface Tooth {
  readonly from: Turn;
  readonly high: Turn;
  readonly low: Turn;
}

/** Rises for long and evenly, falls at once: a burst rises at once, a swing falls as long as it rises. */
function isTooth(level: readonly number[], { from, high, low }: Tooth): boolean {
  const rise = high.at - from.at;
  if (low.at - high.at > Math.max(1, SUDDEN * rise)) return false;
  const half = (from.at + high.at) / 2;
  const value = ((level[Math.floor(half)] ?? 0) + (level[Math.ceil(half)] ?? 0)) / 2;
  const part = (value - from.value) / (high.value - from.value || 1);
  return rise <= 2 || (part >= HALF_WAY[0] && part <= HALF_WAY[1]);
}

interface Turn {
  readonly kind: 'low' | 'high';
  /** Index of the bin. */
  readonly at: number;
  readonly value: number;
}

/** Highs and lows in turn, each followed by a way back of at least `least`. */
function findTurns(level: readonly number[], least: number): readonly Turn[] {
  const turns: Turn[] = [];
  let high: Turn = { kind: 'high', at: 0, value: level[0] ?? 0 };
  let low: Turn = { kind: 'low', at: 0, value: level[0] ?? 0 };
  let way: 'up' | 'down' | undefined;
  for (const [at, value] of level.entries()) {
    if (value > high.value) high = { kind: 'high', at, value };
    if (value < low.value) low = { kind: 'low', at, value };
    if (way !== 'down' && high.value - value >= least) {
      turns.push(high);
      [way, low] = ['down', { kind: 'low', at, value }];
    } else if (way !== 'up' && value - low.value >= least) {
      if (way === 'down') turns.push(low);
      [way, high] = ['up', { kind: 'high', at, value }];
    }
  }
  return turns;
}

const sameStretch = (bins: readonly Bin[], a: number, b: number): boolean => bins[a]?.stretch === bins[b]?.stretch;
