import { judgeSamples, type HostJudgement, type Ledger, type StoredHost } from '../pipeline/serve/ledger.ts';
import type { Series } from '../findings/diagnosis.ts';
import type { HostRow } from '../report/web/pages.ts';

/** Samples that a judgement, and a picture, is made of. */
const MOST = 300;
/** Milliseconds that a judgement is good for. */
const FRESH = 60_000;
/** Judgements made anew for one page: the others are shown as they were. */
const ANEW = 4;

/** Hosts with what is thought of them. A judgement costs milliseconds, so that it is kept for a minute. */
export class Hosts {
  readonly #ledger: Ledger;
  readonly #judged = new Map<
    string,
    { readonly judgement: HostJudgement; readonly at: number; readonly samples: number }
  >();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  rows(): readonly HostRow[] {
    let anew = 0;
    const rows = this.#ledger.hosts().map((host) => {
      const known = this.#judged.get(host.name);
      if (known && (Date.now() - known.at < FRESH || anew >= ANEW)) return rowOf(host, known.judgement);
      if (!known && anew >= ANEW) return rowOf(host, UNJUDGED);
      anew++;
      return rowOf(host, this.#judge(host));
    });
    return rows.toSorted((a, b) => urgency(a) - urgency(b));
  }

  row(name: string): HostRow | undefined {
    const host = this.#ledger.host(name);
    return host && rowOf(host, this.#judge(host));
  }

  /** Lines for the pictures: what is unexplained, each bucket that moves, the largest caches. */
  series(name: string): readonly Series[] {
    const samples = this.#ledger.samples(name, MOST);
    const start = samples[0]?.at ?? 0;
    const line = (label: string, pick: (sample: (typeof samples)[number]) => number | undefined): Series => ({
      name: label,
      points: samples.flatMap((sample) => {
        const value = pick(sample);
        return value === undefined ? [] : [[(sample.at - start) / 1000, value] as const];
      }),
    });
    const last = samples.at(-1);
    const buckets = Object.keys(last?.buckets ?? {});
    const caches = (last?.caches ?? []).toSorted((a, b) => b.bytes - a.bytes).slice(0, 6);
    return [
      line('unexplained', ({ unexplained }) => unexplained),
      ...buckets.map((bucket) => line(bucket, (sample) => sample.buckets[bucket])),
      ...caches.map((cache) =>
        line(cache.name, (sample) => sample.caches.find((one) => one.name === cache.name)?.bytes),
      ),
    ].filter(({ points }) => points.length > 1);
  }

  #judge(host: StoredHost): HostJudgement {
    const known = this.#judged.get(host.name);
    if (known && (known.samples === host.samples || Date.now() - known.at < FRESH)) return known.judgement;
    const judgement = judgeSamples(this.#ledger.samples(host.name, MOST));
    this.#judged.set(host.name, { judgement, at: Date.now(), samples: host.samples });
    return judgement;
  }
}

/** Hours until memory is used up; hosts that do not grow last. */
const urgency = ({ verdict, rate }: HostRow): number =>
  verdict === 'leak' || verdict === 'growth' ? (rate?.hoursLeft ?? 1e9) : 1e12;

const UNJUDGED: HostJudgement = { verdict: 'inconclusive', layer: 'none' };

const rowOf = ({ name, attributes, last, samples }: StoredHost, judgement: HostJudgement): HostRow => ({
  name,
  attributes,
  samples,
  lastAt: last,
  verdict: judgement.verdict,
  layer: judgement.layer,
  ...(judgement.rate ? { rate: judgement.rate } : {}),
  ...(judgement.unexplained === undefined ? {} : { unexplained: judgement.unexplained }),
  ...(judgement.totalBytes === undefined ? {} : { totalBytes: judgement.totalBytes }),
});
