import type { AttributeSpan, FleetGrid, FleetHost } from '../src/model/fleet.ts';
import { seededRandom, type Random } from './seeded-random.ts';

/** What makes hosts of a made-up fleet leak. */
export type Cause = 'single' | 'pair' | 'unrelated' | 'none';

export interface FleetPlan {
  readonly seed: number;
  readonly hosts: number;
  readonly days: number;
  /** Seconds between samples as the analysis asks for them. */
  readonly step: number;
  readonly cause: Cause;
  /** This value has this many hosts and no other; they leak all the time, whatever `cause` says of the rest. */
  readonly few?: { readonly attribute: string; readonly value: string; readonly hosts: number };
  /** Share of hosts with the cause that leak. */
  readonly penetrance?: number;
}

export interface MadeHost {
  readonly host: FleetHost;
  /** `briefly`: for too few days to be held to either answer. */
  readonly leaks: 'yes' | 'no' | 'briefly';
  /** Bytes a day; 0 where it never leaks. */
  readonly perDay: number;
}

export interface MadeFleet {
  readonly grid: FleetGrid;
  /** Attributes that are the cause, sorted; empty where nothing separates the hosts. */
  readonly truth: readonly string[];
  hosts(): Generator<MadeHost>;
}

const GIB = 2 ** 30;
const DAY = 86_400;
const START = 1_700_000_000 - (1_700_000_000 % DAY);
/** Attribute → values with their shares. `hardware` and `nic` go together, as do `role` and `package_agent`. */
const VALUES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  kernel: [
    ['6.1.0-18', 0.5],
    ['6.1.0-21', 0.3],
    ['6.6.13', 0.2],
  ],
  hardware: [
    ['r640', 0.4],
    ['r650', 0.3],
    ['dl380', 0.2],
    ['x12', 0.1],
  ],
  driver_i40e: [
    ['2.3.6', 0.15],
    ['2.4.10', 0.45],
    ['2.8.20-k', 0.4],
  ],
  package_agent: [
    ['7.49.1', 0.4],
    ['7.50.0', 0.4],
    ['7.51.2', 0.2],
  ],
  role: [
    ['web', 0.4],
    ['db', 0.2],
    ['cache', 0.2],
    ['batch', 0.2],
  ],
  datacenter: [
    ['ams', 0.4],
    ['fra', 0.35],
    ['sin', 0.25],
  ],
};
/** Confounding: with this first value goes that second one, in so many of the hosts. */
const TOGETHER: readonly (readonly [string, string, string, string, number])[] = [
  ['hardware', 'x12', 'driver_i40e', '2.3.6', 0.7],
  ['role', 'batch', 'package_agent', '7.51.2', 0.7],
  ['datacenter', 'sin', 'kernel', '6.6.13', 0.6],
];
/** A leak that lasts so long has to be found. */
const LONG_DAYS = 5;
/** Attributes that upgrades change while the fleet is watched. */
const UPGRADED = ['kernel', 'driver_i40e', 'package_agent'];

/** A fleet with known truth: noise, daily rhythm, rolling upgrades, missing data, reboots, attributes that go together. */
export function makeFleet(plan: FleetPlan): MadeFleet {
  const random = seededRandom(plan.seed);
  const grid: FleetGrid = { start: START, step: plan.step, count: Math.round((plan.days * DAY) / plan.step) };
  const cause = drawCause(random, plan.cause);
  return {
    grid,
    truth: plan.few ? [plan.few.attribute] : cause.map(([name]) => name).toSorted(),
    *hosts() {
      for (let i = 0; i < plan.hosts; i++) yield makeHost(random, i, plan, grid, cause);
    },
  };
}

function drawCause(random: Random, kind: Cause): readonly (readonly [string, string])[] {
  const names = ['kernel', 'driver_i40e', 'package_agent', 'hardware', 'role'];
  const draw = (name: string): readonly [string, string] => {
    const values = VALUES[name] ?? [];
    return [name, values[Math.floor(random() * values.length)]?.[0] ?? ''];
  };
  if (kind === 'single') return [draw(names[Math.floor(random() * names.length)] ?? 'kernel')];
  if (kind !== 'pair') return [];
  const first = names[Math.floor(random() * 3)] ?? 'kernel';
  const second = ['hardware', 'role', 'datacenter'][Math.floor(random() * 3)] ?? 'role';
  return [draw(first), draw(second)];
}

function makeHost(
  random: Random,
  number: number,
  plan: FleetPlan,
  grid: FleetGrid,
  cause: readonly (readonly [string, string])[],
): MadeHost {
  const name = `host-${number}`;
  const attributes = drawAttributes(random, grid);
  const few = plan.few !== undefined && number < plan.few.hosts;
  if (plan.few) giveFew(attributes, plan.few, few, grid);
  const totalBytes = [64, 128, 256, 512][Math.floor(random() * 4)] ?? 64;
  const total = totalBytes * GIB;
  const exposed = (i: number): boolean =>
    cause.every(([key, value]) =>
      (attributes.get(key) ?? []).some((span) => span.value === value && span.from <= i && i <= span.to),
    );
  const susceptible =
    plan.cause === 'unrelated' ? random() < 0.05 : plan.cause !== 'none' && random() < (plan.penetrance ?? 0.9);
  const rate = total * 0.002 * 10 ** (random() * 1.3);
  const leaking = Uint8Array.from({ length: grid.count }, (_, i) =>
    Number(few || (susceptible && (plan.cause === 'unrelated' || exposed(i)))),
  );
  const boots = drawBoots(random, grid, attributes.get('kernel') ?? []);
  const days = (leaking.reduce((sum, one) => sum + one, 0) * grid.step) / DAY;
  const leaks = days >= LONG_DAYS ? 'yes' : days > 0 ? 'briefly' : 'no';
  const signals = new Map([
    ['unexplained', drawSignal(random, grid, boots, total * 0.01, total * 0.0008)],
    ['SUnreclaim', drawSignal(random, grid, boots, total * 0.02, total * 0.0015)],
    ['vmalloc', drawSignal(random, grid, boots, total * 0.001, total * 0.0001)],
  ]);
  const grows = [...signals.values()][random() < 0.5 ? 0 : 1];
  if (grows) addLeak(grows, leaking, boots, (rate * grid.step) / DAY);
  loseSamples(random, signals, grid);
  return { host: { name, totalBytes: total, boots, signals, attributes }, leaks, perDay: leaks === 'no' ? 0 : rate };
}

function drawAttributes(random: Random, grid: FleetGrid): Map<string, readonly AttributeSpan[]> {
  const drawn = new Map<string, string>();
  for (const [name, values] of Object.entries(VALUES)) drawn.set(name, pick(random, values));
  for (const [first, value, second, goes, share] of TOGETHER)
    if (drawn.get(first) === value && random() < share) drawn.set(second, goes);
  const spans = new Map<string, readonly AttributeSpan[]>();
  const last = grid.count - 1;
  for (const [name, value] of drawn) {
    const before = pick(random, VALUES[name] ?? []);
    const at = Math.floor(grid.count * (0.1 + 0.6 * random()));
    const upgraded = UPGRADED.includes(name) && random() < 0.3 && before !== value;
    spans.set(
      name,
      upgraded
        ? [
            { value: before, from: 0, to: at - 1 },
            { value, from: at, to: last },
          ]
        : [{ value, from: 0, to: last }],
    );
  }
  return spans;
}

function giveFew(
  attributes: Map<string, readonly AttributeSpan[]>,
  { attribute, value }: NonNullable<FleetPlan['few']>,
  has: boolean,
  { count }: FleetGrid,
): void {
  const others = (VALUES[attribute] ?? []).map(([one]) => one).filter((one) => one !== value);
  const spans = attributes.get(attribute) ?? [];
  if (has) attributes.set(attribute, [{ value, from: 0, to: count - 1 }]);
  else
    attributes.set(
      attribute,
      spans.map((span) => (span.value === value ? { ...span, value: others[0] ?? '' } : span)),
    );
}

function pick(random: Random, values: readonly (readonly [string, number])[]): string {
  let left = random();
  for (const [value, share] of values) {
    left -= share;
    if (left <= 0) return value;
  }
  return values[0]?.[0] ?? '';
}

/** A new kernel is a new boot; other boots come as they come. */
function drawBoots(random: Random, { count, step }: FleetGrid, kernels: readonly AttributeSpan[]): readonly number[] {
  const boots = new Set(kernels.map(({ from }) => from).filter((from) => from > 0));
  for (let i = 1; i < count; i++) if (random() < step / (45 * DAY)) boots.add(i);
  return [...boots].toSorted((a, b) => a - b);
}

/** Level, noise that follows itself, rhythm of the day, now and then a step or a cache that fills and is emptied. */
function drawSignal(
  random: Random,
  { count, step }: FleetGrid,
  boots: readonly number[],
  level: number,
  noise: number,
): Float64Array {
  const values = new Float64Array(count);
  const stays = Math.exp(-step / (DAY * (0.1 + 0.6 * random())));
  const rhythm = level * 0.2 * random();
  const phase = random() * 2 * Math.PI;
  const tooth = random() < 0.15 ? level * 0.3 * random() : 0;
  const period = DAY * (1.3 + 4 * random());
  const [stepAt, stepBy] = random() < 0.1 ? [Math.floor(random() * count), level * (random() - 0.3)] : [count, 0];
  let drift = 0;
  for (let i = 0; i < count; i++) {
    if (boots.includes(i)) drift = -noise;
    drift = drift * stays + noise * normal(random) * Math.sqrt(1 - stays * stays);
    const time = i * step;
    values[i] =
      level +
      drift +
      rhythm * Math.sin((2 * Math.PI * time) / DAY + phase) +
      tooth * ((time % period) / period) +
      (i >= stepAt ? stepBy : 0) +
      0.3 * noise * normal(random);
  }
  return values;
}

function addLeak(values: Float64Array, leaking: Uint8Array, boots: readonly number[], perStep: number): void {
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    if (boots.includes(i)) lost = 0;
    lost += (leaking[i] ?? 0) * perStep;
    values[i] = (values[i] ?? 0) + lost;
  }
}

/** Single samples, and whole outages of a day or two. */
function loseSamples(random: Random, signals: ReadonlyMap<string, Float64Array>, { count, step }: FleetGrid): void {
  const outage = random() < 0.2 ? Math.floor(random() * count) : count;
  const length = Math.round((DAY * (0.5 + 1.5 * random())) / step);
  for (let i = 0; i < count; i++) {
    if (random() >= 0.03 && (i < outage || i >= outage + length)) continue;
    for (const values of signals.values()) values[i] = Number.NaN;
  }
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
