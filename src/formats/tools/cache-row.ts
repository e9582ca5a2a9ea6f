import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';

/** One slab cache in a tool's table. What the table lacks, or shows as `?`, is absent. */
export interface CacheRow {
  readonly name: string;
  readonly objects?: number;
  readonly slots?: number;
  readonly objectSize?: Bytes;
  readonly slabs?: number;
  /** Memory held; for `vmstat -m`, which has no slab sizes, slots × size, a lower bound. */
  readonly bytes?: Bytes;
  readonly at: Provenance;
}

/** A table of slab caches. */
export interface CacheRows {
  readonly rows: readonly CacheRow[];
  /** True where the tool was asked for every cache and the table is as long as such a table is. */
  readonly whole: boolean;
}

/** Every kernel has more caches than this; a shorter table was cut. */
export const FEWEST_CACHES = 50;

/** Leaves out members that are undefined, as `exactOptionalPropertyTypes` wants it. */
export function present<T extends object>(record: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of a T, less the undefined ones
  return Object.fromEntries(Object.entries(record).filter(([, v]) => v !== undefined)) as Partial<T>;
}
