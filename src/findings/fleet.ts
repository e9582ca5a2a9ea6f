import type { Finding, Layer, Rate, Verdict } from './finding.ts';

/** A host whose memory goes. */
export interface FleetLeak {
  readonly host: string;
  readonly layer: Layer;
  /** What rises, in words: `unexplained`, `slab, unreclaimable`. */
  readonly signal: string;
  readonly rate: Rate;
  /** Share of its RAM a day. */
  readonly shareOfRamPerDay: number;
  /** ISO 8601; absent where it rose from the first moment looked at. */
  readonly since?: string;
  /** ISO 8601: it rose until then; what was lost is still held. */
  readonly until?: string;
  /** Slab caches that rise with it, fastest first, where the metrics have caches. */
  readonly caches?: readonly { readonly cache: string; readonly bytesPerHour: number }[];
}

/** What leaking hosts have and healthy ones have not. Association, never cause. */
export interface FleetAssociation {
  /** `driver i40e = 2.3.6`; of a pair both. */
  readonly label: string;
  readonly attributes: readonly string[];
  readonly withIt: { readonly leaking: number; readonly healthy: number };
  readonly withoutIt: { readonly leaking: number; readonly healthy: number };
  readonly oddsRatio: { readonly value: number; readonly low: number; readonly high: number };
  /** How often chance alone would divide them so, all that were tried taken into account. */
  readonly chance: number;
  /** Hosts that speak against it: with it and healthy, without it and leaking. Some of each. */
  readonly contradicting: { readonly healthyWithIt: readonly string[]; readonly leakingWithoutIt: readonly string[] };
  /** Of leaking hosts that came to it while they were watched: whose leak began within two days of that. */
  readonly onset?: { readonly changed: number; readonly aligned: number; readonly medianLagDays?: number };
}

/** One sick host beside the healthy hosts that are most like it. */
export interface FleetTwins {
  readonly host: string;
  readonly peers: number;
  /** Attributes that it shares with its peers. */
  readonly shared: readonly string[];
  /** Where it differs, and how many of the peers have what it has. */
  readonly differs: readonly { readonly attribute: string; readonly value: string; readonly peersWithIt: number }[];
}

/** The document of `kleak fleet`. */
export interface Fleet {
  readonly schema: 'kleak.fleet/1';
  readonly verdict: Verdict;
  readonly summary: string;
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly hosts: {
    readonly total: number;
    readonly leaking: number;
    readonly healthy: number;
    readonly untold: number;
    /** Hosts whose kleak exporter was seen; of the others stock node_exporter metrics were used. */
    readonly withKleak: number;
  };
  /** Fastest first, by share of RAM. */
  readonly leaking: readonly FleetLeak[];
  /** What separates leaking hosts from healthy ones; absent where nothing does. */
  readonly association?: FleetAssociation;
  /** Divide the hosts as well: these hosts cannot tell them apart. */
  readonly equalAssociations: readonly FleetAssociation[];
  /** Weaker ones. */
  readonly otherAssociations: readonly FleetAssociation[];
  /** Attribute values, and pairs of them, that were tried. */
  readonly tried: number;
  readonly twins: readonly FleetTwins[];
  readonly findings: readonly Finding[];
  /** What the server was asked for. */
  readonly load: {
    readonly server: string;
    readonly queries: number;
    readonly bytes: number;
    readonly samples: number;
    readonly seconds: number;
  };
  /** What stock metrics cannot show, and what would. */
  readonly lacks: readonly string[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
}
