import type { Bucket, Diagnosis, Series } from '../../../findings/diagnosis.ts';
import { bytes } from '../../../base/units.ts';
import type { TrendDocument, TrendEvent, TrendMoment, TrendQuantity } from '../../../findings/trend.ts';
import { spellTime } from '../../amounts.ts';

/** Events that have a number on the charts and in the list. */
const MOST_NUMBERED = 30;
/** What says when kleak looked, and nothing of the host. */
const ASIDE = new Set(['recording-started', 'recording-stopped']);

/** An event by the number that it has on the page. */
export interface NumberedEvent extends TrendEvent {
  readonly number: number;
}

/** The newest, oldest first. */
export function numberEvents({ events }: TrendDocument): readonly NumberedEvent[] {
  return events
    .filter(({ kind }) => !ASIDE.has(kind))
    .slice(-MOST_NUMBERED)
    .map((event, i) => ({ ...event, number: i + 1 }));
}

export const eventWords = ({ kind, name, detail }: TrendEvent): string =>
  [whatHappened(kind, name), ...(detail === undefined ? [] : [detail])].join(', ');

/** A mark is what somebody called it; a boot has no name of its own. */
function whatHappened(kind: string, name: string): string {
  if (kind === 'boot') return 'reboot';
  return kind === 'mark' ? name : `${kind.replaceAll('-', ' ')} ${name}`;
}

/** A trend in the shape of a diagnosis, so that the report's pictures can show it. */
export function hostDiagnosis(trend: TrendDocument): Diagnosis {
  const marks = numberEvents(trend).map((event) => ({
    seconds: Date.parse(event.at) / 1000,
    text: `${spellTime(event.at)}: ${eventWords(event)}`,
    label: String(event.number),
  }));
  return {
    ...NO_DIAGNOSIS,
    verdict: trend.verdict,
    layer: trend.layer,
    summary: trend.summary,
    ...(trend.confidence === undefined ? {} : { confidence: trend.confidence }),
    ...(trend.rate ? { rate: trend.rate } : {}),
    accounting: accountingOf(trend),
    findings: trend.findings,
    series: trend.quantities.flatMap((quantity) => seriesOf(quantity, marks)),
  };
}

/** A diagnosis of nothing. */
export const NO_DIAGNOSIS: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'inconclusive',
  layer: 'none',
  summary: '',
  findings: [],
  unread: [],
  inputs: [],
  snapshots: [],
  series: [],
  skipped: [],
};

/** What can be drawn where nothing was measured yet. */
export const pictureAlone = (picture: Partial<Pick<Diagnosis, 'accounting' | 'series'>> = {}): Diagnosis => ({
  ...NO_DIAGNOSIS,
  ...picture,
});

function seriesOf(quantity: TrendQuantity, marks: Series['marks']): readonly Series[] {
  const { label, points, rate, direction, kind } = quantity;
  if (points.length < 2 || (kind === 'bucket' && points.every(([, value]) => value === 0))) return [];
  return [{ name: label, points, ...(rate && direction === 'rising' ? { rate } : {}), ...(marks ? { marks } : {}) }];
}

/** As the last sample had it. */
function accountingOf({ quantities, totalBytes }: TrendDocument): NonNullable<Diagnosis['accounting']> {
  const unexplained = quantities.find(({ kind }) => kind === 'unexplained');
  return {
    totalBytes,
    buckets: quantities
      .filter(({ kind }) => kind === 'bucket')
      .map(({ name, layer, label, lastBytes }): Bucket => ({ name, layer, label, bytes: bytes(lastBytes), from: '' }))
      .toSorted((a, b) => b.bytes - a.bytes),
    ...(unexplained ? { unaccountedBytes: bytes(unexplained.lastBytes) } : {}),
    notes: [],
  };
}

/** The quantity that the verdict is about. */
export function suspectOf({ findings: [top], quantities, layer }: TrendDocument): TrendQuantity | undefined {
  if (top === undefined || top.layer === 'none') return undefined;
  const cache = top.subject?.cache;
  if (cache !== undefined) return quantities.find(({ kind, name }) => kind === 'cache' && name === cache);
  if (top.id === 'trend-unexplained') return quantities.find(({ kind }) => kind === 'unexplained');
  return quantities.find(({ kind, layer: of }) => kind !== 'cache' && of === layer);
}

/** When it began to rise: its last bend upwards, if it has one. */
export const onsetOf = ({ changes }: TrendQuantity): TrendMoment | undefined =>
  changes.findLast(
    ({ kind, beforeBytesPerHour = 0, afterBytesPerHour = 0 }) =>
      kind === 'bend' && afterBytesPerHour > 0 && afterBytesPerHour > beforeBytesPerHour,
  );
