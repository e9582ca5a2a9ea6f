import { countersOf, makeSeries, makeSnapshot, somewhere, usualCaches, type Holdings, type Kib } from '../facts.ts';
import type { Provenance } from '../../src/base/provenance.ts';
import type { Layer, Verdict } from '../../src/findings/finding.ts';
import type { SlabCache, Snapshot } from '../../src/model/snapshot.ts';

/** A host, and what an expert would say of it; where the layer does not matter there is none. */
export type Made = readonly [
  what: string,
  snapshots: readonly Snapshot[],
  verdicts: readonly Verdict[],
  layers?: readonly Layer[],
];

export const at: Provenance = somewhere();

/** A host at six full hours. */
export const hours = (step: (i: number) => Holdings): readonly Snapshot[] =>
  makeSeries(
    [1, 2, 3, 4, 5, 6].map((h) => h * 3600),
    (_, i) => step(i),
  );

export const meminfo = (kib: Kib, release?: string): readonly Snapshot[] => [
  makeSnapshot({ counters: countersOf(kib), host: release === undefined ? {} : { release } }),
];

/** The caches of every host, and these. */
export const plus = (...caches: readonly SlabCache[]): Pick<Holdings, 'caches'> => ({
  caches: [...usualCaches(), ...caches],
});
