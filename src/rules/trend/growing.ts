import type { Provenance } from '../../base/provenance.ts';
import { spellBytes, spellDuration, spellRate } from '../../base/spelling.ts';
import { bytes, type Bytes } from '../../base/units.ts';
import type { Evidence, Finding, NextStep, Rate } from '../../findings/finding.ts';
import type { HourlyChange, QuantityTrend, Trend } from '../../model/trend.ts';
import { bootPageOwner, listSockets, readKmemleak, reclaimTest, slabUsers } from '../next-steps.ts';
import { HELD_LAYERS } from './held-layers.ts';

/** What the trends of a recording are judged by. */
export interface TrendCase {
  readonly quantities: readonly QuantityTrend[];
  readonly totalBytes: Bytes;
  readonly spanSeconds: number;
  /** Where it was recorded. */
  readonly source: Provenance;
}

/** Seconds: over less, what rises may be the load of the moment. */
const BRIEF = 3600;
/** A layer that a cache or two explains to this part is not reported beside them. */
const EXPLAINED = 0.5;
const MOST_CACHES = 6;

/** What of the trends is a finding. Without one: whether that means that nothing grows, or that it is too soon to say. */
export function examineTrends(given: TrendCase): readonly Finding[] {
  const rising = given.quantities.filter((q) => q.trend.direction === 'rising');
  const caches = rising
    .filter((q) => q.kind === 'cache')
    .toSorted((a, b) => rateOf(b.trend).perHour - rateOf(a.trend).perHour)
    .slice(0, MOST_CACHES);
  const findings = [
    ...rising.filter((q) => q.kind === 'unexplained').map((q) => unexplained(q, given)),
    ...caches.map((q) => growingCache(q, given)),
    ...rising.filter((q) => q.kind === 'bucket').flatMap((q) => growingLayer(q, caches, given)),
  ];
  if (findings.some((f) => f.verdict === 'growth')) return findings;
  const stopped = given.quantities.filter((q) => isKept(q) && hasStopped(q.trend)).toSorted(byName)[0];
  if (stopped) return [grewAndStopped(stopped, given), ...findings];
  return findings.length > 0 ? findings : quiet(given);
}

/** Of a saw-tooth the floor's rate, else that of the line. */
export function rateOf({ teeth, floor, slope }: Trend): HourlyChange {
  const decisive = teeth ? floor : slope;
  return decisive.state === 'measured' ? decisive.value : { perHour: 0, low: 0, high: 0 };
}

function unexplained(quantity: QuantityTrend, given: TrendCase): Finding {
  const { trend } = quantity;
  return {
    ...growing(quantity, given),
    id: 'trend-unexplained',
    title: `pages that no counter explains: ${changeWords(trend)}`,
    summary: `Memory that no counter explains grows by ${spellRate(rateOf(trend).perHour)}: ${changeWords(trend)}; pages taken straight from the page allocator.`,
    verdict: 'growth',
    layer: 'page-allocator',
    next: [
      bootPageOwner,
      { command: 'kleak known', why: 'drivers that are known to lose pages, by version', risk: 'none' },
    ],
    terms: ['unexplained memory', 'page allocator', 'growth rate'],
  };
}

function growingCache(quantity: QuantityTrend, given: TrendCase): Finding {
  const { name, trend, reclaimable = false, inUse = false } = quantity;
  const doubtful = reclaimable && !inUse;
  const doubt = doubtful ? ' Its pages are flagged reclaimable: they may be given back when memory is short.' : '';
  return {
    ...growing(quantity, given),
    id: 'trend-cache',
    title: `${name}: ${changeWords(trend)}`,
    summary: `The slab cache ${name} grows by ${spellRate(rateOf(trend).perHour)}: ${changeWords(trend)}.${doubt}`,
    // Without pressure a cache may grow for days and be none the worse for it.
    verdict: doubtful ? 'inconclusive' : 'growth',
    layer: reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable',
    subject: { cache: name },
    next: inUse ? [listSockets] : reclaimable ? [reclaimTest] : [readKmemleak, slabUsers(name)],
    terms: ['slab cache', reclaimable ? 'SReclaimable' : 'SUnreclaim', 'growth rate'],
  };
}

function growingLayer(quantity: QuantityTrend, caches: readonly QuantityTrend[], given: TrendCase): readonly Finding[] {
  const { name, trend } = quantity;
  const held = HELD_LAYERS[name];
  if (!held) return [];
  const explained = caches
    .filter((c) => name === 'slab-unreclaimable' && c.reclaimable !== true)
    .reduce((sum, c) => sum + rateOf(c.trend).perHour, 0);
  if (explained >= rateOf(trend).perHour * EXPLAINED) return [];
  const doubt = held.followsLoad === true && given.spanSeconds < BRIEF;
  return [
    {
      ...growing(quantity, given),
      id: 'trend-layer',
      title: `${held.what}: ${changeWords(trend)}`,
      summary: `Growth in ${held.what}: ${spellRate(rateOf(trend).perHour)}, ${changeWords(trend)}. ${held.held}.${doubt ? ' So short a look cannot tell it from the load of the moment.' : ''}`,
      verdict: doubt ? 'inconclusive' : 'growth',
      layer: held.layer,
      next: held.next ? [held.next] : [],
      terms: ['growth rate'],
    },
  ];
}

/** What all of them have: how much, how fast, and what it was seen by. */
function growing(
  { trend }: QuantityTrend,
  { totalBytes, source, spanSeconds }: TrendCase,
): Pick<Finding, 'confidence' | 'bytes' | 'rate' | 'evidence'> {
  const change = Math.max(0, trend.last - trend.first);
  return {
    confidence: confidence(trend, totalBytes),
    bytes: bytes(Math.round(change)),
    rate: findingRate(trend),
    evidence: [
      {
        text: `${spellBytes(trend.first)} → ${spellBytes(trend.last)} in ${trend.samples} samples over ${spellDuration(spanSeconds)}`,
        source,
      },
      { text: intervalWords(rateOf(trend), trend.teeth !== undefined), source },
      ...toothEvidence(trend, source),
    ],
  };
}

/** Contract: bytes per hour. An end is told where the trend tells one. */
function findingRate(trend: Trend): Rate {
  const { perHour, low, high } = rateOf(trend);
  const { exhaustion } = trend;
  return {
    bytesPerHour: Math.round(perHour),
    low: Math.round(low),
    high: Math.round(high),
    ...(exhaustion.state === 'measured' ? { hoursLeft: Number(exhaustion.value.hours.toPrecision(3)) } : {}),
  };
}

const changeWords = ({ first, last, spanSeconds }: Trend): string =>
  `${spellBytes(first)} → ${spellBytes(last)} in ${spellDuration(spanSeconds)}`;

const intervalWords = ({ perHour, low, high }: HourlyChange, floor: boolean): string =>
  `${floor ? 'its floor rises' : 'it grows'} by ${spellRate(perHour)}, 95 % sure: between ${spellRate(low)} and ${spellRate(high)}`;

function toothEvidence({ teeth }: Trend, source: Provenance): readonly Evidence[] {
  if (!teeth) return [];
  const text = `it falls by ${spellBytes(teeth.height)} ${teeth.count} times; what is left after each fall grows`;
  return [{ text, source }];
}

/** The further the interval is from zero and the longer it lasts, the surer. */
function confidence(trend: Trend, totalBytes: Bytes): number {
  const { perHour, low } = rateOf(trend);
  const clear = perHour > 0 ? Math.min(1, Math.max(0, low / perHour)) : 0;
  const long = Math.min(1, trend.spanSeconds / 259_200);
  const large = Math.min(1, (trend.last - trend.first) / (totalBytes * 0.05));
  return Number(Math.min(0.95, 0.55 + 0.15 * clear + 0.15 * long + 0.1 * Math.max(0, large)).toFixed(2));
}

/** What would show a leak if there were one; when any of it is unclear, so is the answer. */
function quiet({ quantities, spanSeconds, source }: TrendCase): readonly Finding[] {
  const held = quantities.filter(isKept);
  // What programs take goes up and down as they like: that it is unclear is no news.
  const unclear = held.filter((q) => q.trend.direction === 'unclear' && HELD_LAYERS[q.name]?.followsLoad !== true);
  const risen = unclear.filter(({ trend }) => trend.last - trend.first > trend.gate).toSorted(byName)[0];
  if (risen) return [roseUnsurely(risen, source)];
  const [open] = unclear;
  const span = spellDuration(spanSeconds);
  const common = {
    layer: 'none',
    evidence: [{ text: `${held.length} quantities over ${span}`, source }],
    terms: ['growth rate'],
  } as const;
  const next: NextStep = { command: 'kleak trend', why: 'again when more was recorded', risk: 'none' };
  if (spanSeconds < BRIEF || open) {
    const why = open ? `whether ${open.name} grows is not clear yet` : 'that is too short for a slow leak';
    return [
      {
        ...common,
        id: 'trend-open',
        title: `nothing is seen to grow over ${span}, and ${why}`,
        summary: `Nothing is seen to grow over ${span}, but ${why}.`,
        verdict: 'inconclusive',
        confidence: 0.5,
        next: [next],
      },
    ];
  }
  return [
    {
      ...common,
      id: 'trend-steady',
      title: `nothing grows over ${span}`,
      summary: `No leak shows: nothing that somebody holds grows over ${span}.`,
      verdict: 'not-a-leak',
      confidence: spanSeconds >= 86_400 ? 0.85 : 0.7,
      next: [],
    },
  ];
}

/** What somebody keeps, as far as its name and flags tell. */
const isKept = ({ kind, name, reclaimable, inUse }: QuantityTrend): boolean =>
  kind === 'bucket' ? name in HELD_LAYERS : reclaimable !== true || inUse === true;

/** A cache says more than the bucket that it is a part of. */
const byName = (a: QuantityTrend, b: QuantityTrend): number =>
  Number(a.kind === 'bucket') - Number(b.kind === 'bucket');

const layerOf = ({ kind, name, reclaimable }: QuantityTrend): Finding['layer'] =>
  reclaimable === true
    ? 'slab-reclaimable'
    : kind === 'unexplained'
      ? 'page-allocator'
      : (HELD_LAYERS[name]?.layer ?? 'slab-unreclaimable');

/** Higher at the end than at the beginning, by more than a gate, and no rate that excludes rest. */
function roseUnsurely(quantity: QuantityTrend, source: Provenance): Finding {
  const { kind, name, trend } = quantity;
  const few = trend.slope.state === 'missing';
  return {
    id: 'trend-unsure',
    title: `${name} rose, ${changeWords(trend)}; whether it goes on is not sure`,
    summary: `${name} rose, ${changeWords(trend)}, but ${few ? `${trend.samples} readings are too few` : 'too unevenly'} to be sure that it goes on.`,
    verdict: 'inconclusive',
    layer: layerOf(quantity),
    confidence: 0.5,
    bytes: bytes(Math.round(trend.last - trend.first)),
    ...(kind === 'cache' ? { subject: { cache: name } } : {}),
    evidence: [
      { text: changeWords(trend), source },
      few
        ? { text: trend.slope.because, source }
        : { text: intervalWords(rateOf(trend), trend.teeth !== undefined), source },
    ],
    next: [{ command: 'kleak trend', why: 'again when more was recorded', risk: 'none' }],
    terms: ['growth rate'],
  };
}

function grewAndStopped(quantity: QuantityTrend, { source }: TrendCase): Finding {
  const { kind, name, trend } = quantity;
  const what = `${name} grew, ${changeWords(trend)}, and stands still since`;
  return {
    id: 'trend-stopped',
    title: what,
    summary: `Nothing that somebody holds is seen to grow now; ${what}.`,
    verdict: 'inconclusive',
    layer: layerOf(quantity),
    confidence: 0.7,
    bytes: bytes(Math.round(Math.max(0, trend.last - trend.first))),
    ...(kind === 'cache' ? { subject: { cache: name } } : {}),
    evidence: [{ text: `${changeWords(trend)}, and what was taken was not given back`, source }],
    next: [{ command: 'kleak trend', why: 'again when more was recorded: whether it goes on', risk: 'none' }],
    terms: ['growth rate'],
  };
}

/** It rose until its last bend, by more than a gate, and keeps what it took. */
function hasStopped({ changes, direction, first, last, gate }: Trend): boolean {
  const bend = changes.findLast((change) => change.kind === 'bend');
  return bend !== undefined && bend.before > 0 && direction === 'steady' && last - first > gate;
}
