import type { Bytes } from '../base/units.ts';
import type { Finding, Layer, Rate, Verdict } from './finding.ts';

/** Something that changed on the host. Times are ISO 8601. */
export interface TrendEvent {
  readonly at: string;
  /** `module-loaded`, `package-changed`, `boot`, `mark` … */
  readonly kind: string;
  readonly name: string;
  readonly detail?: string;
}

/** A moment at which a quantity began to behave differently, and what changed on the host within its uncertainty. */
export interface TrendMoment {
  /** `step`: it jumped by `bytes`. `bend`: its rate changed. */
  readonly kind: 'step' | 'bend';
  readonly at: string;
  /** The moment lies between `at` less and `at` plus this many seconds. */
  readonly withinSeconds: number;
  readonly bytes?: number;
  readonly beforeBytesPerHour?: number;
  readonly afterBytesPerHour?: number;
  /** Nearest first. */
  readonly coincides: readonly TrendEvent[];
}

export interface TrendFloor {
  readonly bytesPerHour: number;
  readonly low: number;
  readonly high: number;
  readonly points: readonly (readonly [seconds: number, bytes: number])[];
}

/** When memory is used up: hours from the end of the recording, with its band. */
export interface TrendEnd {
  readonly hours: number;
  readonly low: number;
  /** Absent where the interval of the rate leaves it open. */
  readonly high?: number;
  readonly at?: string;
}

/** One quantity over time. Seconds are since 1970, or since the first sample where the inputs have no wall clock. */
export interface TrendQuantity {
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly kind: 'unexplained' | 'bucket' | 'cache';
  readonly layer: Layer;
  readonly samples: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly direction: 'rising' | 'falling' | 'steady' | 'unclear';
  /** Since the last bend, without jumps and the swing of the day. Of a saw-tooth `floor` decides. */
  readonly rate?: Rate;
  /** Why there is no rate. */
  readonly rateUnknown?: string;
  readonly floor?: TrendFloor;
  readonly floorUnknown?: string;
  readonly teeth?: { readonly count: number; readonly heightBytes: number };
  /** Peak to peak, with the hour of the day. */
  readonly rhythm?: { readonly heightBytes: number };
  readonly changes: readonly TrendMoment[];
  readonly end?: TrendEnd;
  /** Why no end is told. */
  readonly endRefused?: string;
  readonly points: readonly (readonly [seconds: number, bytes: number])[];
}

/** The document of `kleak trend`; every rendering is made from it alone. */
export interface TrendDocument {
  readonly schema: 'kleak.trend/1';
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly summary: string;
  readonly confidence?: number;
  readonly rate?: Rate;
  readonly findings: readonly Finding[];
  readonly recording: {
    readonly samples: number;
    readonly spanSeconds: number;
    /** Median time between two samples that were looked at. */
    readonly intervalSeconds: number;
    /** Absent where the inputs have no wall clock. */
    readonly from?: string;
    readonly to?: string;
  };
  readonly boots: readonly { readonly boot: string; readonly from: string; readonly to: string }[];
  readonly totalBytes: Bytes;
  readonly availableBytes?: Bytes;
  /** Rising ones first, then by how much they changed. */
  readonly quantities: readonly TrendQuantity[];
  /** Quantities that changed too little to be listed. */
  readonly quiet: { readonly quantities: number; readonly belowBytes: number };
  readonly events: readonly TrendEvent[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
}
