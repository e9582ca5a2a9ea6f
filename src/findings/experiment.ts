/** An amount with the interval that holds the true one with 95 %; bytes. */
export interface Between {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What an act changed in one bucket of the equation, one cache, or a sum of buckets. */
export interface ExperimentRow {
  readonly kind: 'sum' | 'bucket' | 'cache';
  readonly name: string;
  /** For people, where the name is not one. */
  readonly label?: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  /** Against where the drift before would have led; negative: it came back. */
  readonly changeBytes: Between;
  /** Against the level right before the act. */
  readonly stepBytes: Between;
  /** Bytes per hour. */
  readonly rateBefore: Between;
  readonly rateAfter: Between;
  /** True where noise and drift do not explain it, all rows taken together. */
  readonly sure: boolean;
  /** True where it grew before and has stopped, for sure. */
  readonly stopped: boolean;
  /** True for what the kernel holds for itself and does not give up on demand. */
  readonly kernel: boolean;
}

export interface ExperimentAct {
  readonly kind: 'command' | 'manual';
  /** As it was run: program and arguments, no shell between. */
  readonly command?: readonly string[];
  readonly seconds: number;
  readonly exitStatus?: number;
  readonly signal?: string;
  /** Why it could not be run at all. */
  readonly failed?: string;
}

/** The document of one `kleak experiment`, and a line of a series file. */
export interface Experiment {
  readonly schema: 'kleak.experiment/1';
  readonly label: string;
  /** When the act began, ISO 8601. */
  readonly at: string;
  readonly boot: string;
  readonly totalBytes: number;
  readonly act: ExperimentAct;
  readonly before: {
    readonly samples: number;
    readonly seconds: number;
    /** Change of the kernel's memory that would be seen against the noise; absent where the noise is not known. */
    readonly detectableBytes?: number;
  };
  readonly after: {
    readonly samples: number;
    /** Samples after the transition, which the figures are made of. */
    readonly counted: number;
    readonly seconds: number;
    /** False where memory was still moving at the end. */
    readonly settled: boolean;
  };
  /** Ended by Ctrl-C; what was measured until then is here. */
  readonly interrupted?: true;
  readonly outcome: 'came-back' | 'grew' | 'nothing' | 'cannot-tell';
  /** True where what came back is the kernel's own: the act, or what it ended, is a suspect. */
  readonly kernel: boolean;
  /** True where the kernel's own memory grew before the act and does not after it: a suspect, though nothing may come back. */
  readonly stopped: boolean;
  readonly summary: string;
  /** All sums; buckets and caches that changed, the surest first. */
  readonly rows: readonly ExperimentRow[];
  /** A change below this is not spoken of. */
  readonly gateBytes: number;
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** One thing that was tried, over all experiments of its name. */
export interface Suspect {
  readonly label: string;
  readonly runs: number;
  /** Runs after which memory came back for sure. */
  readonly cameBack: number;
  /** Of the run that gave back most: what is sure, the largest of it; and all that is in use, sure or not. */
  readonly backBytes?: Between;
  readonly inUseBytes?: Between;
  /** What surely came back at least; 0 where nothing did for sure. */
  readonly sureBytes: number;
  readonly outcome: Experiment['outcome'];
  /** True where the kernel's own memory came back. */
  readonly kernel: boolean;
  /** True where the kernel's own memory stopped growing in one of the runs. */
  readonly stopped: boolean;
  /** The bucket or cache that gave back most. */
  readonly mostly?: string;
  readonly last: string;
}

/** The document of `kleak experiment --list`. */
export interface ExperimentSeries {
  readonly schema: 'kleak.experiments/1';
  readonly file: string;
  readonly experiments: number;
  /** Most certain first. */
  readonly suspects: readonly Suspect[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}
