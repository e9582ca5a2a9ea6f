import { InputError } from './input-error.ts';

/** `kept`: acknowledged. `later`: the server is away, busy or full; keep it and send it again. */
export type Pushed = { readonly state: 'kept' } | { readonly state: 'later'; readonly why: string };

/** Milliseconds for one push. */
const TIME_LIMIT = 10_000;

/** Sends documents to a kleak server. Throws InputError where the server will never take them: that is for the user to mend. */
export class PushClient {
  readonly #url: URL;
  readonly #token: string | undefined;

  constructor(address: string, token?: string) {
    const url = URL.parse(address);
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
      throw new InputError(address, 'not the address of a kleak server', 'give http://HOST:PORT or https://…');
    this.#url = new URL('/api/v1/push', url);
    this.#token = token;
  }

  /** `signal` gives it up: it is `later` then. */
  async push(document: object, signal?: AbortSignal): Promise<Pushed> {
    let response: Response;
    const late = AbortSignal.timeout(TIME_LIMIT);
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        body: JSON.stringify(document),
        headers: {
          'content-type': 'application/json',
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
    } catch (cause) {
      return { state: 'later', why: late.aborted ? `no answer within ${TIME_LIMIT / 1000} s` : reasonOf(cause) };
    }
    const said = await firstWords(response);
    if (response.ok) return { state: 'kept' };
    if (response.status >= 300 && response.status < 400)
      throw new InputError(
        this.#url.origin,
        'the server sends elsewhere',
        'give the address at which it answers itself',
      );
    if (response.status === 401)
      throw new InputError(this.#url.origin, 'the server wants its token', 'give --push-token-file');
    if (response.status === 403)
      throw new InputError(
        this.#url.origin,
        `the server does not take this host’s samples: ${said}`,
        'give --push-token-file this host’s token, and --push-name the name that stands before it there',
      );
    if (response.status === 400 || response.status === 404)
      throw new InputError(this.#url.origin, `the server does not take samples: ${said}`, 'use the same kleak on both');
    return { state: 'later', why: `${response.status} ${said}` };
  }
}

/** Whatever answers there, no more of it is read than is told. */
async function firstWords(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (let part = await reader?.read(); part?.done === false && text.length < 1000; part = await reader?.read())
      text += part.value;
  } catch {
    return text;
  }
  await reader?.cancel().catch(() => undefined);
  return text.trim().slice(0, 200);
}

/** `fetch failed` says nothing; what lies below says why. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message || ('code' in inner ? String(inner.code) : inner.name) : String(inner);
}
