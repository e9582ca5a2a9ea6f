import { bytes } from '../../base/units.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { Accounting, Series } from '../../findings/diagnosis.ts';
import type { Ledger, PushedSample } from './ledger.ts';

/** What can be drawn of a host before anything is measured: where its memory is, and what it was. */
export interface HostPicture {
  /** As the last sample has it. */
  readonly accounting?: Accounting;
  readonly series: readonly Series[];
}

const MOST_SAMPLES = 300;
const MOST_CACHES = 6;

/** Lines for what is unexplained, each part of memory that there is, the largest caches; under the names that a trend gives them. */
export function pictureOf(ledger: Ledger, host: string): HostPicture {
  const samples = ledger.samples(host, MOST_SAMPLES);
  const last = samples.at(-1);
  if (!last) return { series: [] };
  const line = (name: string, pick: (sample: PushedSample) => number | undefined): Series => ({
    name,
    points: samples.flatMap((sample) => {
      const value = pick(sample);
      return value === undefined ? [] : [[sample.at / 1000, value] as const];
    }),
  });
  const caches = last.caches.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_CACHES);
  const series = [
    line('unexplained', ({ unexplained }) => unexplained),
    ...Object.keys(last.buckets).map((name) => line(labelOf(name), ({ buckets }) => buckets[name])),
    ...caches.map(({ name }) => line(name, (sample) => sample.caches.find((one) => one.name === name)?.bytes)),
  ];
  return {
    accounting: accountingOf(last),
    series: series.filter(({ points }) => points.length > 1 && points.some(([, value]) => value !== 0)),
  };
}

const labelOf = (bucket: string): string => BUCKETS[bucket]?.label ?? bucket;

const accountingOf = ({ totalBytes, unexplained, buckets }: PushedSample): Accounting => ({
  totalBytes: amount(totalBytes),
  buckets: Object.entries(buckets)
    .map(([name, held]) => ({
      name,
      layer: BUCKETS[name]?.layer ?? ('none' as const),
      label: labelOf(name),
      bytes: amount(held),
      from: '',
    }))
    .toSorted((a, b) => b.bytes - a.bytes),
  ...(unexplained === undefined ? {} : { unaccountedBytes: amount(unexplained) }),
  notes: [],
});

/** A host may send any number. */
const amount = (n: number): ReturnType<typeof bytes> =>
  bytes(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(n))));
