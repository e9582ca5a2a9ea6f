import type { Diagnosis } from './diagnosis.ts';
import type { Evidence, NextStep } from './finding.ts';

export type DetectorName = 'kmemleak' | 'page_owner' | 'slab-traces';

/** Whether one of the kernel's own detectors can be asked. */
export interface DetectorStatus {
  readonly schema: 'kleak.detector-status/1';
  readonly detector: DetectorName;
  /**
   * on: it works. off: built in, and switched off. not-built: this kernel does not have it. unreachable: its files cannot be
   * opened. unknown: nothing tells.
   */
  readonly state: 'on' | 'off' | 'not-built' | 'unreachable' | 'unknown';
  readonly summary: string;
  /** Whether the kernel was built with it; absent where no configuration was found. */
  readonly built?: boolean;
  readonly evidence: readonly Evidence[];
  readonly next: readonly NextStep[];
  /** slab-traces: caches whose allocations are recorded. */
  readonly caches?: readonly string[];
}

/** One place that allocated what a detector lists. Sizes in bytes. */
export interface DetectorSite {
  readonly function: string;
  readonly module?: string;
  readonly subsystem?: string;
  readonly callers: readonly string[];
  readonly count: number;
  readonly bytes?: number;
  readonly objectBytes?: number;
  readonly cache?: string;
  readonly processes: readonly string[];
  /** Addresses or page frames of some. */
  readonly samples: readonly string[];
}

/** What a detector lists: the document of `diagnose`, made of the report alone, and every place. */
export interface DetectorReport extends Diagnosis {
  readonly detector: DetectorName;
  /** Largest first. */
  readonly sites: readonly DetectorSite[];
  /** slab-traces: the places that freed most of the cache's objects before. */
  readonly freedBy?: readonly DetectorSite[];
  /** What was written to the kernel's files, in order. */
  readonly changed: readonly string[];
  readonly limits: readonly string[];
}

/** What kmemleak knows of one object. Sizes in bytes. */
export interface KmemleakDump {
  readonly schema: 'kleak.kmemleak-object/1';
  readonly address: string;
  readonly sizeBytes: number;
  readonly state: 'unreferenced' | 'referenced' | 'ignored' | 'unknown';
  readonly process?: string;
  readonly pid?: number;
  /** References that the last scan found, and those it should have. */
  readonly references?: number;
  readonly needed?: number;
  readonly flags: readonly string[];
  readonly function: string;
  readonly module?: string;
  readonly callers: readonly string[];
  readonly stack: readonly string[];
  readonly changed: readonly string[];
}
