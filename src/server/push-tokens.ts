import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../pipeline/errors.ts';

export interface PushTokensOptions {
  /** The token that everyone gives: it must be none of a host's. */
  readonly main?: string;
  /** Hears, once each, of what is wrong with the file while the server runs. */
  readonly tell?: (line: string) => void;
}

interface Read {
  /** By which a file that changed is told. */
  readonly mark: string;
  /** Digest of a token to the host that it pushes for. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly listed: ReadonlySet<string>;
}

const MOST_FILE = 8 * 2 ** 20;
const REMEDY = 'give a line HOST TOKEN for each host';

/**
 * Tokens that push for one host alone, from a file with a line `HOST TOKEN` each, which may change while the server runs. A host may
 * have several, so that a new one is known before the old one goes.
 */
export class PushTokens {
  readonly #file: string;
  readonly #options: PushTokensOptions;
  /** Tokens are found by a digest that nobody can compute outside: how long that takes tells nothing of them, or of the hosts. */
  readonly #key = randomBytes(32);
  #read: Read;
  #problem = '';

  /** Throws InputError, with the line, where the file cannot be used. */
  constructor(file: string, options: PushTokensOptions = {}) {
    this.#file = file;
    this.#options = options;
    this.#read = this.#load(this.#markOf());
  }

  /** The host that it pushes for; undefined where it is none of these tokens. */
  hostOf(token: string): string | undefined {
    this.#refresh();
    return this.#read.hosts.get(this.#digest(token));
  }

  /** Whether the host has a token of its own. */
  has(host: string): boolean {
    this.#refresh();
    return this.#read.listed.has(host);
  }

  /** What cannot be used changes nothing but a line in the log. */
  #refresh(): void {
    try {
      const mark = this.#markOf();
      if (mark !== this.#read.mark) this.#read = this.#load(mark);
      this.#problem = '';
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      if (cause.message !== this.#problem) this.#options.tell?.(`${cause.message}; what it held before still holds`);
      this.#problem = cause.message;
    }
  }

  #markOf(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      if (size > MOST_FILE) throw new InputError(this.#file, 'larger than 8 MiB', REMEDY);
      return `${mtimeMs} ${size} ${ino}`;
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #load(mark: string): Read {
    const hosts = new Map<string, string>();
    for (const [i, line] of this.#lines().entries()) {
      const text = line.replace(/(?:^|\s)#.*$/, '').trim();
      if (text === '') continue;
      const problem = this.#take(text, hosts);
      // The line itself is not shown: it has a token in it.
      if (problem !== undefined) throw new InputError(`${this.#file}:${i + 1}`, problem, REMEDY);
    }
    return { mark, hosts, listed: new Set(hosts.values()) };
  }

  #take(text: string, hosts: Map<string, string>): string | undefined {
    const [host = '', token = '', ...more] = text.split(/\s+/);
    if (!/^[\w.:-]{1,253}$/.test(host) || token === '' || more.length > 0) return 'not a host and its token';
    if (!/^[!-~]{16,500}$/.test(token)) return 'a token of fewer than 16 characters, or with others than ASCII has';
    if (token === this.#options.main) return 'the token of --token-file, which does more than push';
    const digest = this.#digest(token);
    if (hosts.has(digest) && hosts.get(digest) !== host) return 'the token of another host';
    hosts.set(digest, host);
    return undefined;
  }

  #lines(): readonly string[] {
    try {
      return readFileSync(this.#file, 'utf8').split('\n');
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #unreadable(cause: unknown): Error {
    if (cause instanceof InputError) return cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return new InputError(this.#file, `cannot be read (${code})`, REMEDY, { cause });
  }

  #digest(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64');
  }
}
