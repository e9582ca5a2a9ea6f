import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';

/** Memory that a subsystem with a manager of its own says it holds, as a tool prints it. */
export interface PoolRow {
  readonly id: 'zfs-arc' | 'spl-slab' | 'balloon';
  /** For people. */
  readonly name: string;
  /** The module that manages it. */
  readonly owner: string;
  readonly bytes: Bytes;
  readonly used?: Bytes;
  readonly limit?: Bytes;
  readonly at: Provenance;
}
export interface PoolRows {
  readonly pools: readonly PoolRow[];
}
