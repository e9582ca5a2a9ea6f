import type { Layer } from './finding.ts';
import type { TrendEvent, TrendQuantity } from './trend.ts';

/** A moment of a host. */
export interface ComparedHost {
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
  readonly totalBytes: number;
}

/** How a quantity went before its moment; the rate where it rises or falls. */
export interface ComparedCourse {
  readonly direction: TrendQuantity['direction'];
  readonly bytesPerHour?: number;
}

/** Bytes of one quantity; absent where that moment does not say. */
export interface ComparedRow {
  readonly kind: 'unexplained' | 'bucket' | 'cache';
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly layer: Layer;
  readonly a?: number;
  readonly b?: number;
  /** Of two hosts: on each of them. Absent where there are too few samples. */
  readonly courseA?: ComparedCourse;
  readonly courseB?: ComparedCourse;
}

/** Two moments of one host, or one of each of two. */
export interface HostComparison {
  readonly relation: 'moments' | 'hosts';
  readonly a: ComparedHost;
  readonly b: ComparedHost;
  /** Of two hosts: how far back their courses were looked at, at most. */
  readonly courseHours?: number;
  /** From a to b, of one host; negative where b is the earlier. */
  readonly hours?: number;
  readonly rebooted: boolean;
  /** What differs most first. */
  readonly rows: readonly ComparedRow[];
  /** What two hosts say of themselves, where they differ. */
  readonly attributes: readonly { readonly name: string; readonly a?: string; readonly b?: string }[];
  /** Between the moments; of two hosts those of the week before as well. The newest first. */
  readonly events: readonly (TrendEvent & { readonly host: string })[];
  readonly moreEvents: number;
}
