import { judgeSamples, type HostJudgement, type Ledger, type StoredHost } from '../pipeline/serve/ledger.ts';
import type { HostRow } from '../report/web/hosts-page.ts';
import { Judge } from './judge.ts';

/** Milliseconds that a judgement is good for on a list, and for who looks at that host. */
const FRESH = 300_000;
const FRESH_ALONE = 60_000;

/** Hosts with what is thought of them: as far as it is known; what is old is judged anew meanwhile. */
export class Hosts {
  readonly #ledger: Ledger;
  readonly #judge: Judge;
  readonly #judged = new Map<
    string,
    { readonly judgement: HostJudgement; readonly at: number; readonly samples: number }
  >();

  /** `file`: the ledger's. `changed` hears of each host that was judged anew. */
  constructor(ledger: Ledger, file: string, changed: (host: string) => void) {
    this.#ledger = ledger;
    this.#judge = new Judge(file, ({ host, judgement }) => {
      const samples = ledger.host(host)?.samples;
      if (samples === undefined) this.#judged.delete(host);
      else this.#judged.set(host, { judgement, at: performance.now(), samples });
      changed(host);
    });
  }

  async close(): Promise<void> {
    await this.#judge.close();
  }

  /** Most urgent first. */
  rows(): readonly HostRow[] {
    const rows = this.#ledger.hosts().map((host) => {
      if (this.#isOld(host, FRESH)) this.#judge.ask(host.name);
      const judgement = this.#judged.get(host.name)?.judgement;
      return judgement ? rowOf(host, judgement) : { ...rowOf(host, UNJUDGED), isPending: true };
    });
    return rows.toSorted((a, b) => urgency(a) - urgency(b));
  }

  /** As on a list: what changes there is no reason to judge sooner. */
  glance(name: string): HostRow | undefined {
    const host = this.#ledger.host(name);
    if (host && this.#isOld(host, FRESH)) this.#judge.ask(name);
    return host && rowOf(host, this.#judged.get(name)?.judgement ?? UNJUDGED);
  }

  /** For somebody who looks at this one. */
  row(name: string): HostRow | undefined {
    const host = this.#ledger.host(name);
    if (!host) return undefined;
    if (this.#isOld(host, FRESH_ALONE)) this.#judge.ask(name, { first: true });
    const known = this.#judged.get(name)?.judgement;
    return rowOf(host, known ?? judgeSamples(this.#ledger.samples(name, 1, { caches: false })));
  }

  #isOld({ name, samples }: StoredHost, fresh: number): boolean {
    const known = this.#judged.get(name);
    return !known || (known.samples !== samples && performance.now() - known.at > fresh);
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
  ...(judgement.since === undefined ? {} : { since: judgement.since }),
  ...(judgement.firstAt === undefined ? {} : { firstSampleAt: judgement.firstAt }),
  ...(judgement.lastAt === undefined ? {} : { lastSampleAt: judgement.lastAt }),
  ...(judgement.unexplained === undefined ? {} : { unexplained: judgement.unexplained }),
  ...(judgement.totalBytes === undefined ? {} : { totalBytes: judgement.totalBytes }),
});
