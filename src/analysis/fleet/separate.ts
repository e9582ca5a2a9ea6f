import { fisher } from './chance.ts';
import { both, UNKNOWN, type Exposure, type ExposureTable } from './exposures.ts';

/** How well one exposure divides leaking hosts from healthy ones. */
export interface Separation {
  readonly exposure: Exposure;
  /** Hosts: with it and leaking, with it and healthy, without it and leaking, without it and healthy. */
  readonly counts: readonly [withLeaking: number, withHealthy: number, withoutLeaking: number, withoutHealthy: number];
  /** Half a host added to each count, so that none is without bounds. */
  readonly odds: number;
  readonly oddsLow: number;
  readonly oddsHigh: number;
  /** One-sided, times the number of exposures that were tried. */
  readonly chance: number;
  /** Natural logarithm of how much likelier the hosts' states are, told by it. */
  readonly gain: number;
}

export interface Separations {
  /** The best first; none where nothing separates them. */
  readonly found: readonly Separation[];
  /** Those that divide the hosts as well as the best, so that the hosts at hand cannot tell them apart. */
  readonly equal: readonly Separation[];
  readonly tried: number;
}

/** By chance alone, in so many fleets something would seem to separate. */
const MOST_CHANCE = 0.001;
/** A real cause has more than this; a weaker one explains nothing. */
const LEAST_ODDS = 3;
/** Two attributes have to explain so much more than one (natural logarithm of likelihood). */
const PAIR_COST = 4;
/** Singles of which pairs are tried. */
const PAIRED = 24;
/** Exposures this close in likelihood cannot be told apart. */
const SAME = 1;

/** The attribute, or the pair of attributes, that separates leaking hosts from healthy ones best. */
export function separate(table: ExposureTable): Separations {
  const { singles } = table;
  if (table.leaking === 0 || table.leaking === table.hosts.length) return { found: [], equal: [], tried: 0 };
  const tried = singles.length;
  const ranked = singles.map((one) => weigh(one, table, tried)).toSorted(byGain);
  const pairs = pairsOf(ranked.slice(0, PAIRED)).map((pair) => weigh(pair, table, tried * Math.max(1, tried - 1)));
  const best = ranked[0];
  const better = pairs.filter(({ gain }) => gain > (best?.gain ?? 0) + PAIR_COST + Math.log(Math.max(1, tried)));
  const found = [...(better.length > 0 ? better.toSorted(byGain) : []), ...ranked].filter(isClear);
  const [top, ...rest] = found;
  return {
    found: found.slice(0, 10),
    equal: top
      ? rest.filter(
          ({ gain, exposure }) =>
            top.gain - gain < SAME && exposure.attributes.join() !== top.exposure.attributes.join(),
        )
      : [],
    tried,
  };
}

const isClear = ({ chance, odds, oddsLow }: Separation): boolean =>
  chance <= MOST_CHANCE && odds >= LEAST_ODDS && oddsLow > 1;

/** More exact exposures win ties: `= 2.3.6` before `< 2.3.7`. */
const byGain = (a: Separation, b: Separation): number =>
  Math.abs(a.gain - b.gain) > 1e-9
    ? b.gain - a.gain
    : Number(b.exposure.label.includes(' = ')) - Number(a.exposure.label.includes(' = '));

function* pairs<T>(all: readonly T[]): Generator<readonly [T, T]> {
  for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) yield [a, b];
}

const pairsOf = (ranked: readonly Separation[]): readonly Exposure[] =>
  [...pairs(ranked)]
    .filter(([a, b]) => a.exposure.attributes[0] !== b.exposure.attributes[0])
    .map(([a, b]) => both(a.exposure, b.exposure));

function weigh(exposure: Exposure, { leaking, hosts }: ExposureTable, tried: number): Separation {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < hosts.length; i++) {
    const has = exposure.has[i] ?? UNKNOWN;
    if (has === UNKNOWN) continue;
    const cell = (has === 1 ? 0 : 2) + (i < leaking ? 0 : 1);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const [a, b, c, d] = counts;
  const [log, spread] = logOdds(counts);
  return {
    exposure,
    counts,
    odds: Math.exp(log),
    oddsLow: Math.exp(log - 1.96 * spread),
    oddsHigh: Math.exp(log + 1.96 * spread),
    chance: a * d > b * c ? Math.min(1, fisher(a, b, c, d) * Math.max(1, tried)) : 1,
    gain: a * d > b * c ? likelihood(a, b) + likelihood(c, d) - likelihood(a + c, b + d) : 0,
  };
}

function logOdds(counts: Separation['counts']): readonly [number, number] {
  const [a, b, c, d] = [counts[0] + 0.5, counts[1] + 0.5, counts[2] + 0.5, counts[3] + 0.5];
  return [Math.log((a * d) / (b * c)), Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)];
}

/** Of so many leaking and healthy hosts that share one rate. */
function likelihood(leaking: number, healthy: number): number {
  const all = leaking + healthy;
  const part = (n: number): number => (n === 0 ? 0 : n * Math.log(n / all));
  return part(leaking) + part(healthy);
}
