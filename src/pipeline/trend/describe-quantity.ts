import type { Layer, Rate } from '../../findings/finding.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { TrendEvent, TrendMoment, TrendQuantity } from '../../findings/trend.ts';
import type { HostEvent } from '../../model/sample.ts';
import type { QuantityTrend, Trend, TrendChange, TrendPoint } from '../../model/trend.ts';

/** Points of a picture. */
const MOST_POINTS = 240;
/** Events at one change that are told. */
const MOST_COINCIDING = 6;

export interface MeasuredTrack {
  readonly quantity: QuantityTrend;
  readonly points: readonly TrendPoint[];
  /** False of what is free, or becomes so when memory is short: it has no end. */
  readonly isHeld: boolean;
}

/** What a quantity is told beside. */
export interface Scene {
  /** Seconds of the last sample. */
  readonly end: number;
  readonly wallClock: boolean;
  /** Seconds between samples. */
  readonly step: number;
  readonly events: readonly HostEvent[];
}

/** One quantity as the document has it. */
export function describeQuantity({ quantity, points, isHeld }: MeasuredTrack, scene: Scene): TrendQuantity {
  const { name, kind, trend } = quantity;
  const { slope, floor, exhaustion, teeth, rhythm } = trend;
  const end = exhaustion.state === 'measured' ? exhaustion.value : undefined;
  return {
    name,
    label: kind === 'bucket' ? (BUCKETS[name]?.label ?? name) : name,
    kind,
    layer: layerOf(quantity),
    samples: trend.samples,
    firstBytes: Math.round(trend.first),
    lastBytes: Math.round(trend.last),
    direction: trend.direction,
    ...(slope.state === 'measured' ? { rate: rateView(slope.value) } : { rateUnknown: slope.because }),
    ...floorView(floor),
    ...(teeth ? { teeth: { count: teeth.count, heightBytes: Math.round(teeth.height) } } : {}),
    ...(rhythm ? { rhythm: { heightBytes: Math.round(rhythm.height) } } : {}),
    changes: trend.changes.map((change) => momentView(change, scene)),
    ...(end
      ? {
          end: {
            hours: digits(end.hours),
            low: digits(end.low),
            ...(end.high === undefined ? {} : { high: digits(end.high) }),
            ...(scene.wallClock ? { at: isoAt(scene.end + end.hours * 3600) } : {}),
          },
        }
      : {}),
    ...(exhaustion.state === 'missing' && isHeld ? { endRefused: exhaustion.because } : {}),
    points: picture(points),
  };
}

function layerOf({ kind, name, reclaimable }: QuantityTrend): Layer {
  if (kind === 'unexplained') return 'page-allocator';
  if (kind === 'cache') return reclaimable === true ? 'slab-reclaimable' : 'slab-unreclaimable';
  return BUCKETS[name]?.layer ?? 'none';
}

const digits = (n: number): number => Number(n.toPrecision(3));

const rateView = ({ perHour, low, high }: { perHour: number; low: number; high: number }): Rate => ({
  bytesPerHour: Math.round(perHour),
  low: Math.round(low),
  high: Math.round(high),
});

function floorView(floor: Trend['floor']): Pick<TrendQuantity, 'floor' | 'floorUnknown'> {
  if (floor.state === 'missing') return { floorUnknown: floor.because };
  const { perHour, low, high, points } = floor.value;
  return { floor: { bytesPerHour: Math.round(perHour), low: Math.round(low), high: Math.round(high), points } };
}

/** What changed on the host then: within the uncertainty of the moment, and two samples more on each side. */
function momentView(change: TrendChange, { wallClock, step, events }: Scene): TrendMoment {
  const slack = change.within + 2 * step + 2;
  const near = events
    .map((event) => ({ event, away: Math.abs(event.at / 1000 - change.at) }))
    .filter(({ event, away }) => away <= slack && event.kind !== 'recording-stopped' && wallClock)
    .toSorted((a, b) => a.away - b.away)
    .slice(0, MOST_COINCIDING);
  const common = {
    at: isoAt(change.at),
    withinSeconds: Math.round(change.within),
    coincides: near.map(({ event }) => eventView(event)),
  };
  return change.kind === 'step'
    ? { kind: 'step', ...common, bytes: Math.round(change.bytes) }
    : {
        kind: 'bend',
        ...common,
        beforeBytesPerHour: Math.round(change.before),
        afterBytesPerHour: Math.round(change.after),
      };
}

export function eventView({ at, kind, name, detail }: HostEvent): TrendEvent {
  return { at: new Date(at).toISOString(), kind, name, ...(detail === undefined ? {} : { detail }) };
}

/** Times beyond what a date can hold are the end of it. */
export const isoAt = (seconds: number): string => new Date(Math.min(8.64e15, seconds * 1000)).toISOString();

/** The last value of each stretch of time, and its lowest before: a saw-tooth keeps its floor. */
function picture(points: readonly TrendPoint[]): TrendQuantity['points'] {
  if (points.length <= MOST_POINTS) return points.map(({ at, value }) => [at, value]);
  const slots = MOST_POINTS / 2;
  return Array.from({ length: slots }, (_, i) => {
    const part = points.slice(Math.floor((i * points.length) / slots), Math.floor(((i + 1) * points.length) / slots));
    const lowest = part.reduce((a, b) => (b.value < a.value ? b : a));
    const last = part.at(-1) ?? lowest;
    return lowest === last ? [lowest] : [lowest, last];
  })
    .flat()
    .map(({ at, value }) => [at, value]);
}
