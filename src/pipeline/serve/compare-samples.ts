import { BUCKETS } from '../../findings/buckets.ts';
import type { ComparedHost, ComparedRow, HostComparison } from '../../findings/host-comparison.ts';
import { courseKey, coursesBefore, COURSE_HOURS, type Courses } from './compare-courses.ts';
import type { Ledger, PushedEvent, PushedSample } from './ledger.ts';

/** Which moment of which host; without a time its last. Milliseconds since 1970. */
export interface Wanted {
  readonly host: string;
  readonly at?: number;
}

const MOST_CACHES = 200;
const MOST_EVENTS = 60;
/** Before the earlier of two hosts' moments: what changed longer ago is no news. */
const BACK = 7 * 86_400_000;

/** Two moments of one host, or of two, as far as both have pushed. */
export function compareMoments(ledger: Ledger, a: Wanted, b: Wanted): HostComparison | undefined {
  const [first, second] = [ledger.sampleAt(a.host, a.at), ledger.sampleAt(b.host, b.at)];
  const [one, other] = [ledger.host(a.host), ledger.host(b.host)];
  if (!first || !second || !one || !other) return undefined;
  const sameHost = a.host === b.host;
  const [from, to] = sameHost
    ? [Math.min(first.at, second.at), Math.max(first.at, second.at)]
    : [Math.min(first.at, second.at) - BACK, Math.max(first.at, second.at)];
  const eventsOf = (host: string): HostComparison['events'] =>
    ledger
      .events(host, 1000)
      .filter(({ at, kind }) => at > from && at <= to && !kind.startsWith('recording'))
      .map((event) => eventOf(host, event));
  const events = sameHost ? eventsOf(a.host) : [...eventsOf(a.host), ...eventsOf(b.host)];
  const shown = events.toSorted((x, y) => y.at.localeCompare(x.at)).slice(0, MOST_EVENTS);
  const hours = (second.at - first.at) / 3_600_000;
  const courses = sameHost
    ? undefined
    : { a: coursesBefore(ledger, a.host, first.at), b: coursesBefore(ledger, b.host, second.at) };
  return {
    relation: sameHost ? 'moments' : 'hosts',
    a: sideOf(first, a.host),
    b: sideOf(second, b.host),
    ...(sameHost && hours !== 0 ? { hours } : {}),
    ...(sameHost ? {} : { courseHours: COURSE_HOURS }),
    rebooted: sameHost && first.boot !== second.boot,
    rows: rowsOf(first, second).map((one) => (courses ? withCourses(one, courses) : one)),
    attributes: sameHost ? [] : differing(one.attributes, other.attributes),
    events: shown,
    moreEvents: events.length - shown.length,
  };
}

const sideOf = (sample: PushedSample, host: string): ComparedHost => ({
  host,
  at: isoAt(sample.at),
  totalBytes: sample.totalBytes,
});

const isoAt = (at: number): string => new Date(at).toISOString();

const eventOf = (host: string, { at, kind, name, detail }: PushedEvent): HostComparison['events'][number] => ({
  host,
  at: isoAt(at),
  kind,
  name,
  ...(detail === undefined ? {} : { detail }),
});

/** What differs most first. What one of them does not say is absent, not zero; a bucket that is not listed was empty. */
function rowsOf(a: PushedSample, b: PushedSample): readonly ComparedRow[] {
  const buckets = new Set([...Object.keys(a.buckets), ...Object.keys(b.buckets)]);
  const [first, second] = [a, b].map(({ caches }) => new Map(caches.map(({ name, bytes }) => [name, bytes])));
  const caches = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]);
  const rows: ComparedRow[] = [
    row('unexplained', 'unexplained', a.unexplained, b.unexplained),
    ...[...buckets].map((name) => row('bucket', name, a.buckets[name] ?? 0, b.buckets[name] ?? 0)),
    ...[...caches].map((name) => row('cache', name, first?.get(name), second?.get(name))),
  ].filter((one) => one.a !== undefined || one.b !== undefined);
  const sorted = rows.toSorted((x, y) => changeOf(y) - changeOf(x));
  const dropped = new Set(sorted.filter(({ kind }) => kind === 'cache').slice(MOST_CACHES));
  return sorted.filter((one) => !dropped.has(one));
}

function withCourses(one: ComparedRow, { a, b }: { readonly a: Courses; readonly b: Courses }): ComparedRow {
  const [courseA, courseB] = [a.get(courseKey(one)), b.get(courseKey(one))];
  return { ...one, ...(courseA && { courseA }), ...(courseB && { courseB }) };
}

const changeOf = ({ a = 0, b = 0 }: ComparedRow): number => Math.abs(b - a);

function row(kind: ComparedRow['kind'], name: string, a: number | undefined, b: number | undefined): ComparedRow {
  const { label = name, layer = 'none' } = kind === 'bucket' ? (BUCKETS[name] ?? {}) : {};
  return {
    kind,
    name,
    label,
    layer: kind === 'unexplained' ? 'page-allocator' : layer,
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
  };
}

type Attributes = Readonly<Record<string, string>>;

const differing = (a: Attributes, b: Attributes): HostComparison['attributes'] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => a[name] !== b[name])
    .toSorted()
    .map((name) => ({
      name,
      ...(a[name] === undefined ? {} : { a: a[name] }),
      ...(b[name] === undefined ? {} : { b: b[name] }),
    }));
