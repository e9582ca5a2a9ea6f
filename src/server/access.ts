import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import type { PushTokens } from './push-tokens.ts';

/** Who may ask, and how much. */
export interface AccessOptions {
  /** Demanded of everyone where it is set. */
  readonly token?: string;
  /** Tokens of hosts, each of which can push for that host and nothing else. */
  readonly pushTokens?: PushTokens;
  /** Names under which the server is asked for, beside loopback's. Another `Host` is refused: it is a page of another site. */
  readonly names: readonly string[];
  /** Requests of one address a minute. */
  readonly perMinute: number;
}

export const PUSH_PATH = '/api/v1/push';
const COOKIE = 'kleak_token';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Addresses of which requests are counted at the same time; more are counted as one. */
const MOST_ADDRESSES = 10_000;

/** Refuses whom it does not know, and who asks too much. What a refusal says is the same whatever was wrong. */
export function controlAccess(options: AccessOptions, addressOf: (c: Context) => string): MiddlewareHandler {
  const counter = new RequestCounter(options.perMinute);
  const hosts = new Set([...LOOPBACK, ...options.names]);
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '');
    if (!hosts.has(host) && isIP(host.replace(/^\[|\]$/g, '')) === 0) return c.text('unknown host name\n', 421);
    if (!counter.allows(addressOf(c))) return c.text('too many requests\n', 429, { 'retry-after': '60' });
    if (!isLetIn(c, options)) {
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

function isLetIn(c: Context, { token, pushTokens }: AccessOptions): boolean {
  const isPush = c.req.method === 'POST' && c.req.path === PUSH_PATH;
  if (pushTokens && isPush) return pusherOf(c, pushTokens, token) !== undefined;
  return token === undefined || isKnown(token, c);
}

/** The host that who asks may push for; `any` that has no token of its own, with everyone's token; undefined for nobody. */
function pusherOf(c: Context, pushTokens: PushTokens, token: string | undefined): { host: string } | 'any' | undefined {
  const host = pushTokens.hostOf(bearerOf(c) ?? '');
  if (host !== undefined) return { host };
  return token !== undefined && isKnown(token, c) ? 'any' : undefined;
}

/** Why this host is not pushed by who asks: to who has a token of a host, whatever other hosts there are. Undefined where it may be. */
export function pushRefusal(
  c: Context,
  host: string,
  { token, pushTokens }: Pick<AccessOptions, 'token' | 'pushTokens'>,
): string | undefined {
  if (!pushTokens) return undefined;
  const pusher = pusherOf(c, pushTokens, token);
  if (pusher === 'any')
    return pushTokens.has(host) ? 'that host has a token of its own, and is pushed with it' : undefined;
  return pusher?.host === host ? undefined : 'this token is for another host';
}

const bearerOf = (c: Context): string | undefined => /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1];

function isKnown(token: string, c: Context): boolean {
  const bearer = bearerOf(c);
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(c.req.header('cookie') ?? '')?.[1];
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
