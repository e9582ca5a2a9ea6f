import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';

/** Amounts of memory by meminfo's names, or by the further names that `Counters` of the snapshot lists. */
export type Amounts = ReadonlyMap<string, { readonly bytes: Bytes; readonly at: Provenance }>;

/** Collects amounts; what could not be read is left out. */
export class AmountCollector {
  readonly #amounts = new Map<string, { readonly bytes: Bytes; readonly at: Provenance }>();

  put(name: string | undefined, bytes: Bytes | undefined, at: Provenance): void {
    if (name !== undefined && name !== '' && bytes !== undefined) this.#amounts.set(name, { bytes, at });
  }

  get amounts(): Amounts {
    return this.#amounts;
  }
}
