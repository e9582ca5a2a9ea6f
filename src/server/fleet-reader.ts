import { diagnoseFleet } from '../pipeline/fleet/diagnose-fleet.ts';
import type { Fleet } from '../findings/fleet.ts';

/** Milliseconds from one reading of the metrics server to the next. */
const EVERY = 15 * 60_000;
/** And after it gave no answer: it may be just starting. */
const AGAIN = 60_000;

/** Asks the metrics server every quarter of an hour; what it said last stays when it is away. */
export class FleetReader {
  readonly #server: string | undefined;
  readonly #token: string | undefined;
  readonly #stop = new AbortController();
  #fleet: Fleet | undefined;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: string | undefined, token: string | undefined) {
    this.#server = server;
    this.#token = token;
  }

  begin(): void {
    if (this.#server !== undefined) void this.#read();
  }

  /** What a page shows: the answer, what is wrong with it, and who was asked. */
  get view(): [Fleet | undefined, string | undefined, string | undefined] {
    return [this.#fleet, this.#problem, this.#server];
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const [server, token] = [this.#server ?? '', this.#token];
    try {
      this.#fleet = await diagnoseFleet(server, { signal: this.#stop.signal, ...(token !== undefined && { token }) });
      this.#problem = undefined;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#problem = this.#fleet ? `As of ${this.#fleet.to.slice(0, 16)}; since then: ${why}` : why;
    }
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#read(), this.#problem === undefined ? EVERY : AGAIN).unref();
  }
}
