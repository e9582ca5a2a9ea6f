import { makeCache, makeHost, makeSeries, somewhere, usualCaches, type Holdings } from '../facts.ts';
import type { Provenance } from '../../src/base/provenance.ts';
import type { KernelEvent, SlabCache, Snapshot } from '../../src/model/snapshot.ts';

/** Inputs of one rule, by what is special about them. */
export interface RuleCase {
  readonly fires: Readonly<Record<string, readonly Snapshot[]>>;
  readonly rests: Readonly<Record<string, readonly Snapshot[]>>;
}

export const at: Provenance = somewhere();
export const HOURS: readonly number[] = [0, 1, 2, 3, 4, 5].map((h) => 1000 + h * 3600);

/** A host of 8 GiB at six full hours. */
export const series = (step: (i: number) => Partial<Holdings>, ram = 8192): readonly Snapshot[] =>
  makeSeries(HOURS, (_, i) => ({ ram, ...step(i) }));

/** A host of 8 GiB. */
export const host = (held: Partial<Holdings> = {}): readonly Snapshot[] => [makeHost({ ram: 8192, ...held })];
export const more = (parts: Partial<Snapshot>): readonly Snapshot[] => host({ more: parts });
export const events = (...all: readonly KernelEvent[]): readonly Snapshot[] => more({ events: all });
export const withCaches = (...caches: readonly SlabCache[]): readonly Snapshot[] =>
  host({ caches: [...usualCaches(), ...caches] });

/** Two hosts, of which the second has these caches as well. */
export const twins = (...caches: readonly SlabCache[]): readonly Snapshot[] => [
  makeHost({ ram: 8192, more: { label: 'well', host: { name: 'well' } } }),
  makeHost({ ram: 8192, caches: [...usualCaches(), ...caches], more: { label: 'sick', host: { name: 'sick' } } }),
];

/** A day of half hours in which a cache fills and is emptied again, its floor risen by so many objects each time. */
export const sawTooth = (rise: number): readonly Snapshot[] =>
  makeSeries(
    Array.from({ length: 48 }, (_, i) => i * 1800),
    (_, i) => ({
      ram: 8192,
      caches: [...usualCaches(), makeCache('kmalloc-256', 10_000 + i * rise + (i % 8) * 60_000, 256)],
    }),
  );
