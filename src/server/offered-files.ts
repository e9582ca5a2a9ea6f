import { createHash, randomBytes } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { InputError } from '../pipeline/errors.ts';
import type { OfferedRows } from '../report/web/add-page.ts';
import type { Renamed } from './material.ts';
import { walkFolder, type FoundItem } from './walk-folder.ts';

/** A file, or a folder that is one thing, which lies on the server and may be diagnosed. */
export interface OfferedItem extends FoundItem {
  /** Names it to the server; tells nothing. */
  readonly key: string;
  readonly name: string;
}

export interface Offer extends OfferedRows {
  readonly items: readonly OfferedItem[];
}

interface Root {
  readonly path: string;
  readonly name: string;
}

const MOST_ITEMS = 3000;
/** Milliseconds that a listing is good for, and that a page or a choice waits for a folder that does not answer. */
const FRESH = 10_000;
const PATIENCE = 1500;
const NOTHING: Offer = { items: [], isReading: true, isCut: false, unread: [] };

/**
 * Folders of the server whose files may be diagnosed where they lie. What may be named is what was listed, by a key; symbolic
 * links are neither listed nor followed.
 */
export class OfferedFiles {
  readonly #roots: readonly Root[];
  readonly #secret = randomBytes(16);
  #offer: Offer = NOTHING;
  #byKey = new Map<string, OfferedItem>();
  #readAt = 0;
  #reading: Promise<void> | undefined;

  /** Throws InputError where one is no folder that can be read. */
  constructor(folders: readonly string[] = []) {
    const paths = [...new Set(folders.map(realFolder))];
    this.#roots = paths.map((path, i) => {
      const name = basename(path) || 'files';
      const same = paths.slice(0, i).filter((other) => basename(other) === basename(path)).length;
      return { path, name: same === 0 ? name : `${name} (${same + 1})` };
    });
  }

  /** Whether anything is offered at all. */
  get isOpen(): boolean {
    return this.#roots.length > 0;
  }

  /** Folders, and what stands for them before people. */
  get names(): readonly Renamed[] {
    return this.#roots.map(({ path, name }): Renamed => [path, name]);
  }

  /** What there is, as it was at most some seconds ago. A folder that does not answer is not waited for. */
  async list(): Promise<Offer> {
    if (this.#reading === undefined && Date.now() - this.#readAt > FRESH)
      this.#reading = this.#read().finally(() => (this.#reading = undefined));
    await soon(this.#reading);
    return this.#offer;
  }

  /** What was listed under a key, while it still lies there. */
  async choose(key: string): Promise<OfferedItem | undefined> {
    if (!this.#byKey.has(key)) await this.list();
    const item = this.#byKey.get(key);
    return item && (await this.holds(item.path)) ? item : undefined;
  }

  /** Whether a path leads to what lies in one of the folders, by no link. */
  async holds(path: string): Promise<boolean> {
    if (!this.#roots.some((root) => path === root.path || path.startsWith(withSlash(root.path)))) return false;
    return (await soon(realpath(path).catch(() => undefined))) === path;
  }

  async #read(): Promise<void> {
    const items: OfferedItem[] = [];
    const unread: string[] = [];
    let isCut = false;
    for (const root of this.#roots) {
      const found = await walkFolder(root.path, MOST_ITEMS - items.length);
      isCut ||= found.isCut;
      const nameOf = (path: string): string => root.name + path.slice(root.path.length);
      unread.push(...found.unread.map(({ path, why }) => `${nameOf(path)}: ${why}`));
      items.push(...found.items.map((item) => ({ ...item, key: this.#keyOf(item.path), name: nameOf(item.path) })));
    }
    items.sort((a, b) => b.at - a.at);
    this.#offer = { items, isReading: false, isCut, unread };
    this.#byKey = new Map(items.map((item) => [item.key, item]));
    this.#readAt = Date.now();
  }

  #keyOf(path: string): string {
    return createHash('sha256').update(this.#secret).update(path).digest('hex').slice(0, 24);
  }
}

const soon = async <T>(promise: Promise<T> | undefined): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const withSlash = (path: string): string => (path.endsWith(sep) ? path : path + sep);

function realFolder(folder: string): string {
  try {
    const path = realpathSync(join(folder));
    // What is called by its path is found by it in texts, which `/` alone is everywhere.
    if (statSync(path).isDirectory() && path !== sep) return path;
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'is not there' : 'cannot be read';
    throw new InputError(folder, why, 'give folders of snapshots and dumps', { cause });
  }
  throw new InputError(folder, 'is no folder, or all there is', 'give folders of snapshots and dumps');
}
