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

  async push(document: object): Promise<Pushed> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        body: JSON.stringify(document),
        headers: {
          'content-type': 'application/json',
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(TIME_LIMIT),
      });
    } catch (cause) {
      return { state: 'later', why: cause instanceof Error ? cause.message : String(cause) };
    }
    const said = (await response.text().catch(() => '')).trim().slice(0, 200);
    if (response.ok) return { state: 'kept' };
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
