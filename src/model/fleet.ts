/** Times that all hosts of a fleet share: `count` of them, `step` apart, the first at `start`. Seconds since 1970. */
export interface FleetGrid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** A value of an attribute, from one place of the grid to another, both included. */
export interface AttributeSpan {
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

/** One host over the time of the grid. */
export interface FleetHost {
  readonly name: string;
  /** Bytes of RAM. */
  readonly totalBytes: number;
  /** Places of the grid at which another boot is seen for the first time. */
  readonly boots: readonly number[];
  /** Bytes by quantity (`unexplained`, `SUnreclaim`, a cache's name); NaN where nothing was sampled. */
  readonly signals: ReadonlyMap<string, Float64Array>;
  /** Kernel release, versions, hardware, role: whatever the metrics say of a host, oldest span first. */
  readonly attributes: ReadonlyMap<string, readonly AttributeSpan[]>;
}

/** How one quantity of one host went. */
export interface SignalTrend {
  readonly signal: string;
  /** Bytes a day, from the onset on. */
  readonly perDay: number;
  /** Standard error of it, wider where days follow each other's noise. */
  readonly error: number;
  /** One-sided: how often noise alone would rise so. */
  readonly chance: number;
  /** Place of the grid where the rise begins; absent where it rises all the time. */
  readonly onset?: number;
  /** Place of the grid from which it rests: the leak ended, what was lost stays. Absent where it goes on. */
  readonly end?: number;
  /** Days that the rise was seen. */
  readonly days: number;
}

/** What is kept of a host once its samples were looked at. */
export interface HostTrend {
  readonly name: string;
  readonly totalBytes: number;
  /** The quantity that speaks most for a leak, its chance 1 where none does; absent where there were too few days. */
  readonly strongest?: SignalTrend;
  readonly rising: readonly SignalTrend[];
  readonly attributes: FleetHost['attributes'];
  /** How often it was booted while watched. */
  readonly boots: number;
  /** Places of the grid with samples. */
  readonly samples: number;
}
