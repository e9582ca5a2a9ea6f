import type { TrendPoint } from '../src/model/trend.ts';
import { seededRandom, type Random } from './seeded-random.ts';

/** What is laid over the truth of a made series. */
export const TREND_KINDS = ['linear', 'step', 'saw-tooth', 'daily rhythm', 'noise', 'counter reset'] as const;
export type TrendKind = (typeof TREND_KINDS)[number];

/** A made series and what is true of it. */
export interface MadeSeries {
  readonly kind: TrendKind;
  readonly points: readonly TrendPoint[];
  /** Bytes per hour; 0 where nothing leaks. */
  readonly leakPerHour: number;
  /** Seconds at which it jumps. */
  readonly steps: readonly number[];
}

export const MADE_RAM: number = 16 * 2 ** 30;
const PERCENT = MADE_RAM / 100;
const DAY = 86_400;
/** A sample a minute, as the database keeps them after two days. */
const STEP = 60;

export interface MadeOptions {
  readonly days?: number;
  /** Share of RAM a day, as a fraction; without it from 0.5 % to 5 %, small ones as often as large ones. */
  readonly leak?: number;
}

/** One series by its number: the same for the same number, on every machine. */
export function makeSeries(kind: TrendKind, leaks: boolean, seed: number, options: MadeOptions = {}): MadeSeries {
  const random = seededRandom(seed * 7919 + TREND_KINDS.indexOf(kind) * 104_729 + (leaks ? 1 : 0));
  const days = options.days ?? 3;
  const share = options.leak ?? between(random, 0.005, 0.05, true);
  const leakPerHour = leaks ? (share * MADE_RAM) / 24 : 0;
  const count = Math.floor((days * DAY) / STEP);
  const start = 1_700_000_000 + Math.floor(random() * DAY);
  const noise = makeNoise(random, kind === 'noise');
  const bursts = makeBursts(random, days);
  const shape = SHAPES[kind](random, days, leakPerHour);
  const base = between(random, 2, 20) * PERCENT;
  const points = Array.from({ length: count }, (_, i): TrendPoint => {
    const t = i * STEP;
    const { value, boot } = shape.at(t);
    const held = base + value + noise() + bursts(t);
    return {
      at: start + t,
      value: Math.max(0, Math.round(held / 4096) * 4096),
      ...(boot === undefined ? {} : { boot }),
    };
  });
  return { kind, points, leakPerHour, steps: shape.steps.map((t) => start + t) };
}

interface Shape {
  /** Bytes above the base, `t` seconds from the start. */
  at(t: number): { readonly value: number; readonly boot?: string };
  readonly steps: readonly number[];
}
type MakeShape = (random: Random, days: number, leakPerHour: number) => Shape;

const SHAPES: Readonly<Record<TrendKind, MakeShape>> = {
  linear: (_random, _days, leak) => ({ at: (t) => ({ value: (leak * t) / 3600 }), steps: [] }),
  noise: (_random, _days, leak) => ({ at: (t) => ({ value: (leak * t) / 3600 }), steps: [] }),
  step: makeSteps,
  'saw-tooth': makeTeeth,
  'daily rhythm': makeRhythm,
  'counter reset': makeResets,
};

/** One to three jumps up or down, of 0.5 % to 10 % of RAM. */
function makeSteps(random: Random, days: number, leak: number): Shape {
  const steps = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    at: between(random, 0.05, 0.95) * days * DAY,
    by: between(random, 0.5, 10, true) * PERCENT * (random() < 0.3 ? -1 : 1),
  }));
  return {
    at: (t) => ({
      value: (leak * t) / 3600 + steps.reduce((sum, s) => sum + (t >= s.at ? s.by : 0), 0) + 10 * PERCENT,
    }),
    steps: steps.map((s) => s.at),
  };
}

/** Rises over one to twelve hours by 1 % to 10 % of RAM and falls back to its floor within minutes; no two teeth alike. */
function makeTeeth(random: Random, days: number, leak: number): Shape {
  const period = between(random, 1, 12, true) * 3600;
  const height = between(random, 1, 10, true) * PERCENT;
  const teeth: { readonly from: number; readonly to: number; readonly height: number }[] = [];
  for (let from = -random() * period; from < days * DAY;) {
    const to = from + period * between(random, 0.7, 1.3);
    teeth.push({ from, to, height: height * between(random, 0.8, 1.2) });
    from = to;
  }
  let current = 0;
  return {
    at(t) {
      while (t >= (teeth[current]?.to ?? Infinity)) current++;
      const tooth = teeth[current];
      const part = tooth ? (t - tooth.from) / (tooth.to - tooth.from) : 0;
      return { value: (leak * t) / 3600 + part * (tooth?.height ?? 0) };
    },
    steps: [],
  };
}

/** 24, 12 and 8 hour waves, 1 % to 10 % of RAM from peak to peak, a fifth more or less from day to day. */
function makeRhythm(random: Random, days: number, leak: number): Shape {
  const height = between(random, 1, 10, true) * PERCENT;
  const waves = [0.4, 0.15, 0.08].map((share, k) => ({
    share,
    turn: random() * 2 * Math.PI,
    speed: (2 * Math.PI * (k + 1)) / DAY,
  }));
  const strength = Array.from({ length: Math.ceil(days) + 1 }, () => between(random, 0.8, 1.2));
  return {
    at(t) {
      const day = t / DAY;
      const [today = 1, tomorrow = 1] = [strength[Math.floor(day)], strength[Math.floor(day) + 1]];
      const scale = today + (tomorrow - today) * (day % 1);
      const wave = waves.reduce((sum, w) => sum + w.share * Math.sin(w.speed * t + w.turn), 0);
      return { value: (leak * t) / 3600 + height * scale * wave + height };
    },
    steps: [],
  };
}

/** One or two reboots; what leaked is back, caches fill again within the hour. Half of them are not marked as boots. */
function makeResets(random: Random, days: number, leak: number): Shape {
  const resets = Array.from(
    { length: 1 + Math.floor(random() * 2) },
    () => between(random, 0.1, 0.9) * days * DAY,
  ).toSorted((a, b) => a - b);
  const marked = random() < 0.5;
  const warm = between(random, 0.2, 2, true) * PERCENT;
  const levels = [0, ...resets.map(() => between(random, -1, 1) * PERCENT)];
  return {
    at(t) {
      const past = resets.filter((r) => t >= r).length;
      const since = t - (past > 0 ? (resets[past - 1] ?? 0) : 0);
      const filling = past > 0 ? -warm * Math.exp(-since / 900) : 0;
      const value = (leak * since) / 3600 + filling + (levels[past] ?? 0) + 3 * PERCENT;
      return { value, ...(marked ? { boot: `boot ${past}` } : {}) };
    },
    steps: marked ? [] : resets,
  };
}

/** Noise that decays over a minute to an hour: 0.02 % to 0.2 % of RAM, or 0.1 % to 0.6 % where noise is what is tested. */
function makeNoise(random: Random, heavy: boolean): () => number {
  const size = (heavy ? between(random, 0.1, 0.6, true) : between(random, 0.02, 0.2, true)) * PERCENT;
  const decay = Math.exp(-STEP / (between(random, 1, 60, true) * 60));
  let state = size * normal(random);
  return () => {
    state = decay * state + size * Math.sqrt(1 - decay * decay) * normal(random);
    return state;
  };
}

/** Up to four times a day something takes up to 3 % of RAM for up to twenty minutes. */
function makeBursts(random: Random, days: number): (t: number) => number {
  const bursts = Array.from({ length: Math.floor(random() * 4 * days) }, () => {
    const from = random() * days * DAY;
    return { from, to: from + between(random, 1, 20) * 60, by: between(random, 0.1, 3, true) * PERCENT };
  });
  return (t) => bursts.reduce((sum, b) => sum + (t >= b.from && t < b.to ? b.by : 0), 0);
}

/** Evenly between two values, or evenly between their logarithms. */
function between(random: Random, low: number, high: number, logarithmic = false): number {
  return logarithmic ? low * (high / low) ** random() : low + (high - low) * random();
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
