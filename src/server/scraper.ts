import { isSameBoot, readExporter, type ReadExporter } from '../pipeline/serve/read-exporter.ts';
import { refusalWords, type Ledger, type PushedEvent } from '../pipeline/serve/ledger.ts';
import { InputError } from '../pipeline/errors.ts';
import { checkPush } from './push.ts';
import type { ScrapeTarget, ScrapeTargets } from './scrape-targets.ts';
import type { StoreTrouble } from './store-trouble.ts';

export interface ScraperOptions {
  /** Milliseconds from one reading of a host to the next. */
  readonly every: number;
  /** Hears of what goes wrong, a line each, and of its end. */
  readonly tell: (line: string) => void;
  /** Hears of each host whose sample came. */
  readonly changed: (host: string) => void;
  /** Hears of a database that cannot be used. */
  readonly trouble: StoreTrouble;
  /** Milliseconds that a host may take. */
  readonly timeLimit?: number;
}

/** Hosts that are asked at the same time. */
const AT_ONCE = 16;

interface Known {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly boot?: string;
  readonly problem?: string;
}

/**
 * Reads hosts that run `kleak export`, one after the other at a fixed interval, and keeps what they say beside what other hosts push.
 * A host that does not answer holds up nobody: it is asked again the next time, and its page says since when it has not answered.
 */
export class Scraper {
  readonly #targets: ScrapeTargets;
  readonly #ledger: Ledger;
  readonly #options: ScraperOptions;
  readonly #stop = new AbortController();
  readonly #known = new Map<string, Known>();
  readonly #done: Promise<void>;
  #fileProblem = '';

  constructor(targets: ScrapeTargets, ledger: Ledger, options: ScraperOptions) {
    this.#targets = targets;
    this.#ledger = ledger;
    this.#options = options;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const started = performance.now();
      const waiting = [...this.#list()];
      const work = async (): Promise<void> => {
        for (let target = waiting.shift(); target && !signal.aborted; target = waiting.shift())
          await this.#read(target);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      await pause(Math.max(100, this.#options.every - (performance.now() - started)), signal);
    }
  }

  /** A file that became unreadable changes nothing but a line in the log. */
  #list(): readonly ScrapeTarget[] {
    try {
      const targets = this.#targets.list();
      this.#fileProblem = '';
      return targets;
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      if (this.#fileProblem !== cause.message) this.#options.tell(cause.message);
      this.#fileProblem = cause.message;
      return this.#targets.last;
    }
  }

  async #read({ name, url }: ScrapeTarget): Promise<void> {
    const { signal } = this.#stop;
    let read: ReadExporter | undefined;
    let problem: string | undefined;
    try {
      read = await readExporter(url, signal, this.#options.timeLimit);
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof InputError)) throw cause;
      problem = cause.message;
    }
    this.#options.trouble.attempt(() => {
      if (read) this.#keep(name, read, url);
      else if (problem !== undefined) this.#miss(name, problem);
    });
  }

  #keep(name: string, { sample, attributes }: ReadExporter, url: string): void {
    const known = this.#recall(name);
    const boot = known.boot !== undefined && isSameBoot(known.boot, sample.boot) ? known.boot : sample.boot;
    const events = [
      ...changes(known.attributes, attributes, sample.at),
      ...(known.boot !== undefined && boot !== known.boot ? [{ at: sample.at, kind: 'boot', name: 'booted' }] : []),
      ...(known.problem === undefined ? [] : [{ at: sample.at, kind: 'read-again', name }]),
    ];
    const push = checkPush({ schema: 'kleak.push/1', host: name, attributes, samples: [{ ...sample, boot }], events });
    if (typeof push === 'string') {
      this.#miss(name, `${url}: what it says makes no sense (${push}); look at what it says there`);
      return;
    }
    const kept = this.#ledger.push(name, attributes, push.samples, push.events, Date.now());
    if (kept !== 'kept') {
      this.#tellOnce(
        name,
        known,
        `${name}: ${kept === 'refused' ? 'as many hosts are known as may be' : refusalWords(kept)}`,
      );
      return;
    }
    if (known.problem !== undefined) this.#options.tell(`${name}: answers again`);
    this.#known.set(name, { attributes, boot });
    this.#options.changed(name);
  }

  /** Its first failure is an event of the host, so that a host that never answered is among the hosts too. */
  #miss(name: string, problem: string): void {
    const known = this.#recall(name);
    if (known.problem === undefined) {
      const event = { at: Date.now(), kind: 'not-read', name, detail: problem.slice(0, 1000) };
      this.#ledger.push(name, known.attributes ?? {}, [], [event], this.#ledger.host(name)?.last ?? Date.now());
      this.#options.changed(name);
    }
    this.#tellOnce(name, known, problem);
  }

  #tellOnce(name: string, known: Known, problem: string): void {
    if (known.problem !== problem) this.#options.tell(problem);
    this.#known.set(name, { ...known, problem });
  }

  /** After a restart what is kept tells what the host was like. */
  #recall(name: string): Known {
    const known = this.#known.get(name);
    if (known) return known;
    const [last, host] = [this.#ledger.samples(name, 1, { caches: false }).at(-1), this.#ledger.host(name)];
    return { ...(last ? { boot: last.boot } : {}), ...(last && host ? { attributes: host.attributes } : {}) };
  }
}

/** What became another version. A thing that comes or goes may have been beyond a bound of the exporter. */
function changes(
  before: Readonly<Record<string, string>> | undefined,
  now: Readonly<Record<string, string>>,
  at: number,
): readonly PushedEvent[] {
  return Object.entries(now).flatMap(([attribute, version]) => {
    const old = before?.[attribute];
    const [, kind, name = attribute] = /^(driver|package|kernel)(?: (.+))?$/.exec(attribute) ?? [];
    if (old === undefined || old === version || kind === undefined) return [];
    return [{ at, kind: `${kind}-changed`, name, detail: `${old} → ${version}` }];
  });
}

const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
