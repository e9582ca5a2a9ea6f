import { measured, missing, type Measured } from '../../model/measured.ts';
import type { HourlyChange, Trend, TrendOptions, TrendPoint } from '../../model/trend.ts';
import { describeStretch, divide, fillBins, inOrder, medianOf, type Bin } from './bins.ts';
import { fitLine, plainSlope, rhythmOf, WIDTH, type Fit } from './fit.ts';
import { floorOf } from './floor.ts';
import { findTeeth, type Teeth } from './teeth.ts';

/** Fewer readings than this have no spread to speak of. */
const FEWEST = 8;
/** To say that something grows, zero must lie this many interval widths below the rate: 3 standard errors. */
const SURE = 3 / WIDTH;
/** A jump as small as the gate may be hidden in noise; half-way it tilts a line by this many times its height. */
const TILT = 1.5;
/** Steady is what may at most change by this many times what it takes to rise. */
const WIDE = 4 / 3;
/** Nothing is said of more than this many times what was seen. */
const FARTHEST = 30;

/**
 * Measures how one quantity behaves over time: rate with interval, jumps, bends, the swing of the day, the floor of a
 * saw-tooth, time until `room` is used up. Readings need not be evenly spaced; the cost grows with their number only by
 * a sort. docs/trend.md says how well it tells growth from noise.
 */
export function measureTrend(given: readonly TrendPoint[], options: TrendOptions = {}): Trend {
  const points = inOrder(given);
  const stretches = divide(points);
  const bins = fillBins(stretches);
  const spanSeconds = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  const gate = options.gate ?? gateOf(options.totalBytes);
  const common = {
    samples: points.length,
    spanSeconds,
    first: points[0]?.value ?? 0,
    last: points.at(-1)?.value ?? 0,
    gate,
    stretches: stretches.map(describeStretch),
  };
  if (bins.length < FEWEST) {
    const few = missing(`${points.length} readings; ${FEWEST} are needed`);
    return { ...common, direction: 'unclear', slope: few, floor: few, changes: [], exhaustion: few };
  }
  return { ...common, ...behaviour(bins, gate, spanSeconds, options.room) };
}

function behaviour(
  bins: readonly Bin[],
  gate: number,
  spanSeconds: number,
  room: number | undefined,
): Omit<Trend, 'samples' | 'spanSeconds' | 'first' | 'last' | 'gate' | 'stretches'> {
  // Before jumps are looked for: each fall would be one.
  const regular = findTeeth(bins, plainSlope(bins));
  const fit = fitLine(bins, gate, regular !== undefined);
  const floor = floorOf(bins, regular);
  const teeth = regular ?? isGivenBack(fit, spanSeconds);
  const decisive = teeth ? floor : measured(fit.slope);
  const direction = directionOf(decisive, gate, (teeth ? spanSeconds : fit.seconds) / 3600);
  return {
    direction,
    slope: measured(fit.slope),
    floor,
    ...(teeth ? { teeth: { count: teeth.count, height: teeth.height } } : rhythmOf(bins, fit, gate)),
    changes: teeth ? fit.changes.filter((c) => c.kind === 'step' && c.bytes > 0) : fit.changes,
    exhaustion: exhaustionOf(decisive, direction, spanSeconds, room),
  };
}

/** As in growth.ts: what a change must reach to be spoken of. */
const gateOf = (totalBytes: number | undefined): number =>
  totalBytes === undefined ? 512 * 1024 : Math.min(totalBytes * 0.004, 64 * 2 ** 20);

/**
 * As many falls as a saw-tooth has, that take back most of what it rises by, though not as regular: then, too, its lowest
 * points decide, and the falls are no news.
 */
function isGivenBack({ slope, changes }: Fit, spanSeconds: number): Pick<Teeth, 'count' | 'height'> | undefined {
  const falls = changes.flatMap((c) => (c.kind === 'step' && c.bytes < 0 ? [-c.bytes] : []));
  const given = falls.reduce((sum, bytes) => sum + bytes, 0);
  if (falls.length < 4 || given <= (0.5 * slope.perHour * spanSeconds) / 3600) return undefined;
  return { count: falls.length, height: medianOf(falls.toSorted((a, b) => a - b)) };
}

function directionOf(change: Measured<HourlyChange>, gate: number, hoursLong: number): Trend['direction'] {
  if (change.state === 'missing') return 'unclear';
  const { perHour, low, high } = change.value;
  const least = (TILT * gate) / hoursLong;
  if (perHour - SURE * (perHour - low) > 0 && perHour >= least) return 'rising';
  if (perHour + SURE * (high - perHour) < 0 && perHour <= -least) return 'falling';
  return high < WIDE * least && low > -WIDE * least ? 'steady' : 'unclear';
}

function exhaustionOf(
  change: Measured<HourlyChange>,
  direction: Trend['direction'],
  spanSeconds: number,
  room: number | undefined,
): Trend['exhaustion'] {
  if (room === undefined) return missing('how much memory is left is not known');
  if (change.state === 'missing') return change;
  if (direction !== 'rising') return missing(NOT_RISING[direction]);
  const { perHour, low, high } = change.value;
  const hoursLeft = room / perHour;
  if (hoursLeft * 3600 > FARTHEST * spanSeconds)
    return missing(`it is more than ${FARTHEST} times as far away as what was recorded reaches back`);
  const latest = low > 0 ? room / low : undefined;
  return measured({ hours: hoursLeft, low: room / high, ...(latest === undefined ? {} : { high: latest }) });
}

const NOT_RISING = {
  falling: 'it falls',
  steady: 'it does not grow',
  unclear: 'whether it grows cannot be told yet: the interval of its rate includes zero, or the change is small',
} as const;
