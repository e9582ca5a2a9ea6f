import { parseQueryAnswer, type MatrixSeries, type QueryAnswer } from '../../formats/prometheus/matrix.ts';
import { InputError } from '../input-error.ts';

export interface QueryClientOptions {
  /** `Authorization: Bearer …` of each request. */
  readonly token?: string;
  /** Milliseconds that one query may take. */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
}

export interface Range {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What was asked of the server so far. */
export interface Load {
  readonly queries: number;
  readonly bytes: number;
  readonly samples: number;
  readonly seconds: number;
}

/** A server that says no to a query as it is, for its size: ask for less at once. */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

const TIME_LIMIT = 60_000;
const MOST_BYTES = 128 * 2 ** 20;
/** A server that is busy is asked again so often, later each time. */
const TRIES = 3;

/**
 * Asks the query API of Prometheus or of whatever speaks like it, one query after the other: the server never has two of
 * kleak's. Throws InputError where there is no such server, or it will not answer.
 */
export class QueryClient {
  readonly #base: URL;
  readonly #options: QueryClientOptions;
  #queries = 0;
  #bytes = 0;
  #samples = 0;
  #seconds = 0;

  constructor(address: string, options: QueryClientOptions = {}) {
    this.#base = readAddress(address);
    this.#options = options;
  }

  /** The address without what was secret in it. */
  get address(): string {
    return `${this.#base.origin}${this.#base.pathname.replace(/\/$/, '')}`;
  }

  get load(): Load {
    return { queries: this.#queries, bytes: this.#bytes, samples: this.#samples, seconds: this.#seconds };
  }

  async range(query: string, { start, end, step }: Range): Promise<readonly MatrixSeries[]> {
    return this.#ask('query_range', { query, start: String(start), end: String(end), step: String(step) });
  }

  async instant(query: string, time?: number): Promise<readonly MatrixSeries[]> {
    return this.#ask('query', { query, ...(time === undefined ? {} : { time: String(time) }) });
  }

  async #ask(path: string, form: Readonly<Record<string, string>>): Promise<readonly MatrixSeries[]> {
    const started = performance.now();
    try {
      const answer = await this.#askUntilAnswered(path, form);
      if (answer.kind === 'refused') throw this.#refusal(answer.reason);
      for (const { values } of answer.series) this.#samples += values.length;
      return answer.series;
    } finally {
      this.#seconds += (performance.now() - started) / 1000;
    }
  }

  async #askUntilAnswered(path: string, form: Readonly<Record<string, string>>): Promise<QueryAnswer> {
    for (let tries = 1; ; tries++) {
      this.#queries++;
      // A connection that was kept open may be closed by the server just when it is used again.
      const response = await this.#send(path, form).catch((cause: unknown) => {
        if (tries < TRIES && cause instanceof InputError && /ECONNRESET|EPIPE|UND_ERR_SOCKET/.test(cause.message))
          return undefined;
        throw cause;
      });
      if (!response) continue;
      if (response.busy && tries < TRIES) {
        await pause(500 * 2 ** tries, this.#options.signal);
        continue;
      }
      if (response.status >= 300 && response.status < 400)
        throw new InputError(this.address, 'the server sends elsewhere', 'give the address at which it answers itself');
      if (response.status === 401 || response.status === 403)
        throw new InputError(this.address, 'the server wants to know who asks', 'give --token-file with its token');
      if (response.status === 404)
        throw new InputError(
          this.address,
          'no query API at /api/v1 there',
          'give the address under which /api/v1/query answers (VictoriaMetrics cluster: …/select/0/prometheus)',
        );
      if (response.busy)
        throw new InputError(this.address, `the server is busy (${response.status})`, 'try again later');
      return parseQueryAnswer(response.text, this.address);
    }
  }

  async #send(
    path: string,
    form: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly busy: boolean; readonly text: string }> {
    const { token, timeLimit = TIME_LIMIT, signal } = this.#options;
    const late = AbortSignal.timeout(timeLimit);
    try {
      const url = new URL(`${this.#base.pathname.replace(/\/$/, '')}/api/v1/${path}`, this.#base);
      // What the user asks of each query, as VictoriaMetrics' extra_label or Thanos' dedup.
      url.search = this.#base.search;
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ ...form, timeout: `${Math.ceil(timeLimit / 1000)}s` }),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const text = await this.#text(response);
      const { status } = response;
      return { status, busy: status === 429 || status === 502 || status === 503 || status === 504, text };
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof InputError) throw cause;
      if (late.aborted)
        throw new InputError(
          this.address,
          `no answer within ${timeLimit / 1000} s`,
          'ask for a longer --step, or give the server time',
          { cause },
        );
      throw new InputError(this.address, `cannot be reached: ${reason(cause)}`, 'check address and port', { cause });
    }
  }

  async #text(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES) throw new InputError(this.address, 'an answer above 128 MiB', 'ask for a longer --step');
      text += decoder.decode(chunk, { stream: true });
    }
    this.#bytes += bytes;
    return text + decoder.decode();
  }

  #refusal(why: string): Error {
    if (/too many samples|maximum number|exceeds|max_?samples|limit/i.test(why)) return new TooMuch(why);
    return new InputError(
      this.address,
      `the server refused a query: ${why.slice(0, 200)}`,
      'check its version and limits',
    );
  }
}

function readAddress(address: string): URL {
  const url = URL.parse(address);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new InputError(address, 'not the address of a metrics server', 'give http://HOST:PORT or https://…');
  return url;
}

const reason = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? ('code' in inner ? String(inner.code) : inner.message) : String(inner);
};

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  signal?.throwIfAborted();
}
