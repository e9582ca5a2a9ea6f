import type { Accounting, Diagnosis } from '../findings/diagnosis.ts';
import type { Layer } from '../findings/finding.ts';

/** One row of "where the memory is". */
export interface MemoryShare {
  readonly label: string;
  readonly layer: Layer;
  readonly bytes: number;
  /** Of all memory, 0 to 1. */
  readonly share: number;
  /** The fields it was computed of. */
  readonly from: string;
  /** True where the verdict is about this row. */
  readonly marked: boolean;
  readonly kind: 'bucket' | 'unexplained' | 'rest';
}

/** Rows smaller than this are joined to one, unless they are marked. */
const SMALL = 0.005;

/** Buckets and what none explains, the unexplained first where the verdict is about it, else by size. */
export function memoryShares({ accounting, layer }: Diagnosis): readonly MemoryShare[] {
  if (accounting === undefined) return [];
  const shares: MemoryShare[] = accounting.buckets.map((bucket) => ({
    label: bucket.label,
    layer: bucket.layer,
    bytes: bucket.bytes,
    share: shareOf(bucket.bytes, accounting),
    from: bucket.from,
    marked: bucket.layer === layer && layer !== 'none',
    kind: 'bucket',
  }));
  const unexplained = accounting.unaccountedBytes;
  if (unexplained !== undefined) {
    shares.push({
      label: 'unexplained',
      layer: 'page-allocator',
      bytes: unexplained,
      share: shareOf(unexplained, accounting),
      from: 'MemTotal − all other rows',
      marked: layer === 'page-allocator',
      kind: 'unexplained',
    });
  }
  const first = (share: MemoryShare): number => (share.marked && share.kind === 'unexplained' ? 0 : 1);
  return shares.filter(({ bytes }) => bytes > 0).toSorted((a, b) => first(a) - first(b) || b.bytes - a.bytes);
}

/** The same with what is too small to see joined to one row at the end. */
export function joinSmallShares(shares: readonly MemoryShare[]): readonly MemoryShare[] {
  const small = shares.filter(({ share, marked }) => share < SMALL && !marked);
  if (small.length < 2) return shares;
  const rest: MemoryShare = {
    label: `${small.length} others`,
    layer: 'none',
    bytes: small.reduce((sum, { bytes }) => sum + bytes, 0),
    share: small.reduce((sum, { share }) => sum + share, 0),
    from: small.map(({ label }) => label).join(', '),
    marked: false,
    kind: 'rest',
  };
  return [...shares.filter((share) => !small.includes(share)), rest];
}

const shareOf = (bytes: number, { totalBytes }: Accounting): number => (totalBytes > 0 ? bytes / totalBytes : 0);
