import type { Bytes, Seconds } from '../base/units.ts';

/** What one slab cache held. */
export interface CacheSample {
  readonly name: string;
  /** Pages held. */
  readonly bytes: Bytes;
  /** Objects in use, where the table says. */
  readonly objects?: number;
}

/** What one process held, by its share of what it maps. */
export interface ProcessSample {
  readonly pid: number;
  readonly name: string;
  readonly pss: Bytes;
}

/**
 * The memory of one host at one moment, small enough to be taken every few seconds and kept for months. Made of a snapshot by
 * the same equation that `diagnose` uses. What was not measured is absent.
 */
export interface Sample {
  /** Milliseconds since 1970 by the host's clock, which may jump. */
  readonly at: number;
  /** /proc/sys/kernel/random/boot_id: another one is another boot. */
  readonly boot: string;
  /** Seconds since that boot, time asleep included (/proc/uptime): never jumps. */
  readonly uptime: Seconds;
  readonly totalBytes: Bytes;
  /** The equation's disjoint buckets by name (findings/buckets.ts has their labels and layers). */
  readonly buckets: ReadonlyMap<string, Bytes>;
  /** What no bucket accounts for; absent where the equation is not complete (a container's view, counters that lack). */
  readonly unexplained?: Bytes;
  /** What the kernel says can be had without swapping (MemAvailable). */
  readonly available?: Bytes;
  /** Caches above the sampler's threshold; one that was above it once stays while it exists. Families are added up. */
  readonly caches: readonly CacheSample[];
  /** The largest processes, in the samples that looked at them. */
  readonly processes: readonly ProcessSample[];
}

/** Something that changed on a host and may be why memory does. */
export interface HostEvent {
  readonly at: number;
  readonly boot: string;
  readonly kind: HostEventKind;
  /** The module, service, package or driver; for a mark, what the operator called it. */
  readonly name: string;
  /** `2.3.6 → 2.4.10`, `started`; what there is to say beside the name. */
  readonly detail?: string;
}
export type HostEventKind =
  | 'boot'
  | 'module-loaded'
  | 'module-unloaded'
  | 'service-started'
  | 'service-stopped'
  | 'package-changed'
  | 'driver-changed'
  | 'kernel-changed'
  | 'clock-jumped'
  | 'suspended'
  | 'recording-started'
  | 'recording-stopped'
  | 'mark';
