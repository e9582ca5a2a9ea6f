import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';

/** Who may ask, and how much. */
export interface AccessOptions {
  /** Demanded of everyone where it is set. */
  readonly token?: string;
  /** Names under which the server is asked for, beside loopback's. Another `Host` is refused: it is a page of another site. */
  readonly names: readonly string[];
  /** Requests of one address a minute. */
  readonly perMinute: number;
}

const COOKIE = 'kleak_token';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Addresses of which requests are counted at the same time; more are counted as one. */
const MOST_ADDRESSES = 10_000;

/** Refuses whom it does not know, and who asks too much. What a refusal says is the same whatever was wrong. */
export function controlAccess(
  { token, names, perMinute }: AccessOptions,
  addressOf: (c: Context) => string,
): MiddlewareHandler {
  const counter = new RequestCounter(perMinute);
  const hosts = new Set([...LOOPBACK, ...names]);
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '');
    if (!hosts.has(host) && isIP(host.replace(/^\[|\]$/g, '')) === 0) return c.text('unknown host name\n', 421);
    if (!counter.allows(addressOf(c))) return c.text('too many requests\n', 429, { 'retry-after': '60' });
    if (token !== undefined && !isKnown(token, c.req.header('authorization'), c.req.header('cookie'))) {
      if (c.req.path === '/login') return next();
      if (c.req.method === 'GET' && !c.req.path.startsWith('/api/')) return c.redirect('/login');
      return c.text('a token is needed\n', 401, { 'www-authenticate': 'Bearer' });
    }
    // A form of another site may be sent here by a browser; what it cannot do is set this header to our own address.
    const origin = c.req.header('origin');
    if (c.req.method !== 'GET' && origin !== undefined && URL.parse(origin)?.host !== c.req.header('host'))
      return c.text('a request from another site\n', 403);
    return next();
  };
}

function isKnown(token: string, authorization: string | undefined, cookies: string | undefined): boolean {
  const bearer = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(cookies ?? '')?.[1];
  return (bearer !== undefined && same(bearer, token)) || (cookie !== undefined && same(cookie, cookieOf(token)));
}

/** In constant time, whatever the lengths. */
export const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
/** What a browser keeps: not the token itself. */
const cookieOf = (token: string): string => createHash('sha256').update(`kleak cookie ${token}`).digest('hex');
export const tokenCookie = (token: string, secure: boolean): string =>
  `${COOKIE}=${cookieOf(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000${secure ? '; Secure' : ''}`;

/** Counts requests of an address in windows of a minute. */
export class RequestCounter {
  readonly #most: number;
  #counts = new Map<string, number>();
  #minute = 0;

  constructor(most: number) {
    this.#most = most;
  }

  allows(address: string, now: number = Date.now()): boolean {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#counts = new Map();
    }
    const key = this.#counts.has(address) || this.#counts.size < MOST_ADDRESSES ? address : 'others';
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= this.#most;
  }
}
