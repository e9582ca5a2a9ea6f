import type { Provenance } from '../../base/provenance.ts';

/** Programs with their versions, as a list or a banner names them. */
export interface Versions {
  readonly programs: readonly VersionRow[];
}
export interface VersionRow {
  readonly kind: 'module' | 'package' | 'program' | 'library' | 'firmware';
  readonly name: string;
  readonly version: string;
  readonly at: Provenance;
}
