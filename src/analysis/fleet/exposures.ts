import type { AttributeSpan, HostTrend } from '../../model/fleet.ts';
import type { Cohorts } from './leaking-hosts.ts';

/** Something that hosts may have: values of one attribute, or of two at once. */
export interface Exposure {
  readonly attributes: readonly string[];
  /** For people: `driver_i40e = 2.3.6`, `kernel ≥ 6.1.38`. */
  readonly label: string;
  /** By host of the table: 1 has it, 0 has not, 2 unknown. */
  readonly has: Uint8Array;
}

/** Leaking hosts first, then healthy ones; what is asked of each is the value it had while it leaked. */
export interface ExposureTable {
  readonly hosts: readonly HostTrend[];
  readonly leaking: number;
  readonly singles: readonly Exposure[];
}

export const UNKNOWN = 2;
/** An attribute with more values than this names hosts, not kinds of hosts. */
const MOST_VALUES = 200;
/** Fewer hosts with a value show nothing. */
const FEWEST = 3;
/** A healthy host has to have had a value so long, in days, before it speaks against it. */
const SETTLED = 4;
const DAY = 86_400;

export function tabulate({ leaking, healthy }: Cohorts, step: number): ExposureTable {
  const hosts = [...leaking, ...healthy];
  const settled = (SETTLED * DAY) / step;
  const names = new Set(hosts.flatMap(({ attributes }) => [...attributes.keys()]));
  const singles: Exposure[] = [];
  for (const name of [...names].toSorted()) {
    const values = hosts.map((host, i) =>
      i < leaking.length ? valueWhileLeaking(host, name) : valueSettled(host, name, settled),
    );
    const distinct = [...new Set(values)].filter((value) => value !== undefined).toSorted(byVersion);
    if (distinct.length < 2 || distinct.length > MOST_VALUES) continue;
    singles.push(...distinct.map((value) => exposure(name, `${name} = ${value}`, values, (v) => v === value)));
    if (distinct.length > 3 && distinct.every((value) => value === ABSENT || /\d+\.\d/.test(value)))
      for (const [i, value] of distinct.slice(1).entries()) {
        const upper = new Set(distinct.slice(i + 1));
        singles.push(exposure(name, `${name} ≥ ${value}`, values, (v) => upper.has(v)));
        singles.push(exposure(name, `${name} < ${value}`, values, (v) => !upper.has(v)));
      }
  }
  return { hosts, leaking: leaking.length, singles: singles.filter(isShared) };
}

function exposure(
  attribute: string,
  label: string,
  values: readonly (string | undefined)[],
  has: (value: string) => boolean,
): Exposure {
  return {
    attributes: [attribute],
    label,
    has: Uint8Array.from(values, (value) => (value === undefined ? UNKNOWN : has(value) ? 1 : 0)),
  };
}

const isShared = ({ has }: Exposure): boolean => {
  const with_ = has.reduce((sum, one) => sum + (one === 1 ? 1 : 0), 0);
  return with_ >= FEWEST;
};

/** `driver i40e` of a host that says what drivers it has, and has no such driver. */
const ABSENT = 'none';
function absentOf(host: HostTrend, name: string): string | undefined {
  const [kind, thing] = name.split(' ');
  return thing !== undefined && [...host.attributes.keys()].some((key) => key.startsWith(`${kind} `))
    ? ABSENT
    : undefined;
}

/** The one it had for most of the time that it leaked. */
function valueWhileLeaking(host: HostTrend, name: string): string | undefined {
  const { attributes, strongest } = host;
  const { onset = 0, end = Number.POSITIVE_INFINITY } = strongest ?? {};
  const times = new Map<string, number>();
  for (const { value, from, to } of attributes.get(name) ?? []) {
    const time = Math.min(to, end) - Math.max(from, onset) + 1;
    if (time > 0) times.set(value, (times.get(value) ?? 0) + time);
  }
  return [...times].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? absentOf(host, name);
}

/** The last one; unknown where it changed too short a time ago for a leak to have shown. */
function valueSettled(host: HostTrend, name: string, settled: number): string | undefined {
  const last = host.attributes.get(name)?.at(-1);
  if (!last) return absentOf(host, name);
  const isNew = last.from > 0 && last.to - last.from + 1 < settled;
  return isNew ? undefined : last.value;
}

/** 2.3.6 before 2.3.10. */
export const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Both at once. */
export function both(a: Exposure, b: Exposure): Exposure {
  return {
    attributes: [...a.attributes, ...b.attributes],
    label: `${a.label} and ${b.label}`,
    has: a.has.map((one, i) => {
      const other = b.has[i] ?? UNKNOWN;
      return one === 0 || other === 0 ? 0 : one === 1 && other === 1 ? 1 : UNKNOWN;
    }),
  };
}

/** The change to the value that a host leaked with, where it is seen. */
export const changesOf = (host: HostTrend, name: string): readonly AttributeSpan[] =>
  (host.attributes.get(name) ?? []).filter(({ from }) => from > 0);
