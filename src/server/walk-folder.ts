import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What was found: a file, or a folder whose files belong together. */
export interface FoundItem {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Of a file. */
  readonly bytes?: number;
  /** Milliseconds since 1970: when it was written. */
  readonly at: number;
}

export interface Found {
  readonly items: readonly FoundItem[];
  readonly isCut: boolean;
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}

/** Folders within folders, and names that are looked at. */
const DEEPEST = 8;
const MOST_NAMES = 100_000;
const MOST_UNREAD = 5;
const AT_ONCE = 16;
/** Of copies of /proc and of what lies beside it: single ones tell less than all. */
const COPIED = new Set(['proc', 'sys', 'dev', 'etc', 'run']);
const PROC_FILE = /^(?:meminfo|slabinfo)$/;
const DUMP_FILE = /^vmcore(?:[.\d_-]|$)/;
const PACKED = /\.(?:tar|t?gz|txz|tzst|xz|zst)$/;

/** Hidden files and symbolic links are passed over; so is what another may not read. */
export async function walkFolder(root: string, most: number): Promise<Found> {
  const walk = new Walk(most);
  await walk.enter(root, 0);
  return walk;
}

class Walk implements Found {
  readonly items: FoundItem[] = [];
  readonly unread: { path: string; why: string }[] = [];
  isCut = false;
  readonly #most: number;
  #names = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Tells whether the folder is one moment of a host. */
  async enter(folder: string, depth: number): Promise<boolean> {
    const entries = await this.#entries(folder);
    const files = entries.filter((entry) => entry.isFile());
    const folders = entries.filter((entry) => entry.isDirectory());
    const isCopy = files.some(({ name }) => PROC_FILE.test(name)) || folders.some(({ name }) => name === 'proc');
    const isMoment = isCopy || files.some(({ name }) => DUMP_FILE.test(name));
    const at = this.items.length;
    await this.#add(
      files
        .filter(({ name }) => !isCopy || DUMP_FILE.test(name) || PACKED.test(name))
        .map(({ name }) => join(folder, name)),
      'file',
    );
    let moments = 0;
    for (const { name } of folders) {
      if (isCopy && COPIED.has(name)) continue;
      if (depth >= DEEPEST || this.items.length >= this.#most || this.#names >= MOST_NAMES) this.isCut = true;
      else if (await this.enter(join(folder, name), depth + 1)) moments++;
    }
    // Several moments are a series; they stand together before they stand alone.
    if (isMoment || moments > 1) await this.#add([folder], 'folder', at);
    return isMoment;
  }

  async #entries(folder: string): Promise<readonly Dirent[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      this.#names += entries.length;
      return entries
        .filter(({ name }) => !name.startsWith('.'))
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : '';
      const why = code === 'EACCES' ? 'kleak may not read it' : 'cannot be read';
      if (this.unread.length < MOST_UNREAD) this.unread.push({ path: folder, why });
      return [];
    }
  }

  async #add(paths: readonly string[], kind: FoundItem['kind'], at = this.items.length): Promise<void> {
    const room = Math.max(0, this.#most - this.items.length);
    if (paths.length > room) this.isCut = true;
    const wanted = paths.slice(0, room);
    const found: FoundItem[] = [];
    for (let i = 0; i < wanted.length; i += AT_ONCE)
      found.push(...(await Promise.all(wanted.slice(i, i + AT_ONCE).map((path) => look(path, kind)))).flat());
    this.items.splice(at, 0, ...found);
  }
}

async function look(path: string, kind: FoundItem['kind']): Promise<readonly FoundItem[]> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats || stats.isSymbolicLink() || (kind === 'file' && stats.size === 0)) return [];
  return [{ path, kind, at: stats.mtimeMs, ...(kind === 'file' ? { bytes: stats.size } : {}) }];
}
