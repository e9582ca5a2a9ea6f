import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../pipeline/errors.ts';

/** A host that is read: under this name it stands among the hosts. */
export interface ScrapeTarget {
  readonly name: string;
  readonly url: string;
}

/** Hosts that are read at most; more are a matter for a metrics server (`--metrics`). */
export const MOST_TARGETS = 1000;
const MOST_FILE = 2 ** 20;
const USUAL_PORT = '9999';

/** `http://db-1:9999/metrics`, `db-1:9999`, `db-1`, and before each of them `NAME=`. Throws InputError where it is none of them. */
export function parseTarget(text: string): ScrapeTarget {
  const [, given, address = ''] = /^(?:([\w.:-]{1,253})=)?((?:https?:\/\/)?[^\s:/]\S{0,1000})$/.exec(text.trim()) ?? [];
  const whole = /^https?:\/\//.test(address);
  const url = whole || !address.includes('://') ? URL.parse(whole ? address : `http://${address}`) : null;
  if (!url || !/^(?:[\w.-]*\w[\w.-]*|\[[\da-f:.]+\])$/.test(url.hostname) || url.username !== '' || url.password !== '')
    throw new InputError(text, 'not the address of kleak export', 'give [NAME=]http://HOST:PORT/metrics');
  if (!whole && !/:\d+$/.test(url.host)) url.port = USUAL_PORT;
  if (url.pathname === '/') url.pathname = '/metrics';
  const host = url.port === USUAL_PORT || url.port === '' ? url.hostname : url.host;
  return { name: given ?? host.replaceAll(/[^\w.:-]/g, ''), url: url.href };
}

/** Addresses given one by one, and those of a file, a line each, which may change while the server runs. */
export class ScrapeTargets {
  readonly #given: readonly ScrapeTarget[];
  readonly #file: string | undefined;
  #read: { readonly changed: number; readonly targets: readonly ScrapeTarget[] } = { changed: -1, targets: [] };

  /** Throws InputError where an address is none, or the file cannot be read. */
  constructor(given: readonly string[], file?: string) {
    this.#given = given.map(parseTarget);
    this.#file = file;
    this.list();
  }

  /** Those of now. Throws InputError where the file has become unreadable; what it held before is then still `last`. */
  list(): readonly ScrapeTarget[] {
    if (this.#file !== undefined) {
      const changed = this.#changed(this.#file);
      if (changed !== this.#read.changed) this.#read = { changed, targets: readTargets(this.#file) };
    }
    return this.last;
  }

  get last(): readonly ScrapeTarget[] {
    const all = new Map([...this.#read.targets, ...this.#given].map((target) => [target.name, target]));
    return [...all.values()].slice(0, MOST_TARGETS);
  }

  #changed(file: string): number {
    try {
      return statSync(file).mtimeMs;
    } catch (cause) {
      throw new InputError(file, 'cannot be read', 'give a file with an address a line', { cause });
    }
  }
}

function readTargets(file: string): readonly ScrapeTarget[] {
  if (statSync(file).size > MOST_FILE)
    throw new InputError(file, 'larger than 1 MiB', 'give a file with an address a line');
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    const text = line.replace(/#.*$/, '').trim();
    if (text === '') return [];
    try {
      return [parseTarget(text)];
    } catch (cause) {
      throw new InputError(
        `${file}:${i + 1}`,
        'not the address of kleak export',
        'give [NAME=]http://HOST:PORT/metrics',
        {
          cause,
        },
      );
    }
  });
}
