import { arch, hostname, release } from 'node:os';
import type { HostEvent, Sample } from '../../model/sample.ts';
import { InputError } from '../../sources/input-error.ts';
import { PushClient } from '../../sources/push-client.ts';
import { SampleStore, type WrittenPlace } from '../../sources/store/sample-store.ts';

export interface PusherOptions {
  readonly file: string;
  readonly address: string;
  readonly token?: string;
  /** What the server calls this host; the host's own name else. */
  readonly host?: string;
  /** Hears, once each, of what is wrong and of its end. */
  readonly tell: (line: string) => void;
}

/** Samples of one push: a server that was away for a day is told in a few dozen. */
const BATCH = 300;
/** Bytes of one push, more or less: half of what a server takes. */
const BATCH_BYTES = 2 ** 20;
/** Caches of one sample: the largest. */
const CACHES = 200;
/** Characters of an event. */
const MOST_NAME = 253;
const MOST_DETAIL = 1000;
/** Turns that are left out after a push that failed, at most. */
const MOST_PAUSE = 30;

/**
 * Sends what a recorder wrote to a kleak server, from the database: what was not acknowledged is sent again, also after a
 * restart. The server counts what it gets twice once.
 */
export class Pusher {
  readonly #options: PusherOptions;
  readonly #client: PushClient;
  readonly #store: SampleStore;
  readonly #mark: string;
  /** Samples of one push; fewer where these are too many bytes. */
  #batch = BATCH;
  #failed = 0;
  #pause = 0;
  readonly #stop = new AbortController();
  #work: Promise<void> | undefined;
  /** What the next turn throws: nobody waited for the one that it happened in. */
  #bug: Error | undefined;

  /** Throws InputError where the address is none, or the database is not there. */
  constructor(options: PusherOptions) {
    this.#options = options;
    this.#client = new PushClient(options.address, options.token);
    this.#store = new SampleStore(options.file, 'annotate');
    this.#mark = `rows pushed to ${options.address}`;
  }

  /** What is on its way is given up: it was not acknowledged, and is sent again. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    this.#store.close();
  }

  /**
   * Sends what there is to send; `beside` whatever goes on, so that a server that is slow holds up no sample. What goes wrong is
   * told and tried again later; nothing is lost by it.
   */
  async turn({ beside = false }: { readonly beside?: boolean } = {}): Promise<void> {
    this.#work ??= this.#sendAll().finally(() => (this.#work = undefined));
    if (!beside) return this.#work;
    this.#work.catch((cause: unknown) => (this.#bug ??= cause instanceof Error ? cause : new Error(String(cause))));
    if (this.#bug) throw this.#bug;
  }

  async #sendAll(): Promise<void> {
    if (this.#pause-- > 0) return;
    try {
      while (!this.#stop.signal.aborted && (await this.#sendBatch())) continue;
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      this.#fail(cause.message);
    }
  }

  /** True where there is more. */
  async #sendBatch(): Promise<boolean> {
    const part = this.#store.writtenAfter(this.#place(), this.#batch);
    if (!part) return false;
    const { host = hostname() } = this.#options;
    const document = {
      schema: 'kleak.push/1',
      host: host.replaceAll(/[^\w.:-]/g, '_'),
      attributes: { kernel: release(), architecture: arch() },
      samples: part.samples.map(describeSample),
      events: part.events.map(describeEvent),
    };
    if (this.#batch > 1 && JSON.stringify(document).length > BATCH_BYTES) {
      this.#batch = Math.ceil(this.#batch / 2);
      return true;
    }
    const pushed = await this.#client.push(document, this.#stop.signal);
    if (this.#stop.signal.aborted && pushed.state === 'later') return false;
    if (pushed.state === 'later') {
      this.#fail(`${this.#options.address}: ${pushed.why}; samples are kept and sent later`);
      return false;
    }
    if (this.#failed > 0) this.#options.tell(`${this.#options.address}: takes samples again`);
    this.#failed = 0;
    this.#store.addEvents([], new Map([[this.#mark, `${part.last.sample} ${part.last.event}`]]));
    return !part.isAll;
  }

  /** How far this server has been told, by rows: a clock that was set back must not keep samples from it. */
  #place(): WrittenPlace {
    const [sample = 0, event = 0] = (this.#store.state(this.#mark) ?? '').split(' ').map(Number);
    return { sample, event };
  }

  #fail(why: string): void {
    if (this.#failed++ === 0) this.#options.tell(why);
    this.#pause = Math.min(MOST_PAUSE, 2 ** Math.min(5, this.#failed));
  }
}

const describeSample = ({ at, boot, totalBytes, unexplained, buckets, caches }: Sample): object => ({
  at,
  boot,
  totalBytes,
  ...(unexplained === undefined ? {} : { unexplained }),
  buckets: Object.fromEntries(buckets),
  caches: caches
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, CACHES)
    .map(({ name, bytes }) => ({ name, bytes })),
});

/** Cut to what a server takes: one event that it refuses would keep all that comes after it from being sent. */
const describeEvent = ({ at, kind, name, detail }: HostEvent): object => ({
  at,
  kind,
  name: name === '' ? '?' : name.slice(0, MOST_NAME),
  ...(detail === undefined ? {} : { detail: detail.slice(0, MOST_DETAIL) }),
});
