import { lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../input-error.ts';

/** A file of C that was found; it is read when its turn comes. */
export interface SourceEntry {
  readonly path: string;
  readonly bytes: number;
}

export interface SourceListing {
  /** In the order of names, each file once. */
  readonly entries: readonly SourceEntry[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

/** Larger files are generated. */
const LARGEST = 24 * 2 ** 20;
const DEEPEST = 64;
const MOST_FILES = 500_000;
const MOST_UNREAD = 200;

/**
 * Every .c and .h file below some paths; a file that is named itself may be called anything. Symbolic links to folders are
 * not followed: a target in the tree is met on its own. Throws InputError where a path cannot be opened at all.
 */
export function listSources(paths: readonly string[]): SourceListing {
  const listing = new Listing();
  for (const path of paths) listing.add(path);
  return { entries: listing.entries, unread: listing.unread };
}

class Listing {
  readonly entries: SourceEntry[] = [];
  readonly unread: { what: string; why: string }[] = [];
  readonly #seen = new Set<string>();

  add(path: string): void {
    let stats: Stats;
    try {
      stats = statSync(path);
    } catch (cause) {
      throw new InputError(
        path,
        `cannot be opened: ${reasonOf(cause).replace(/^E[A-Z]+: /, '')}`,
        'give a C file or a folder of them',
        {
          cause,
        },
      );
    }
    if (stats.isDirectory()) this.#folder(path, 0);
    else if (stats.isFile()) this.#file(path, stats);
    else throw new InputError(path, 'is neither a file nor a folder', 'give a C file or a folder of them');
  }

  #folder(path: string, depth: number): void {
    if (depth > DEEPEST) return this.#tell(path, `lies more than ${DEEPEST} folders deep`);
    let names: readonly string[];
    try {
      names = readdirSync(path).toSorted();
    } catch (cause) {
      return this.#tell(path, reasonOf(cause));
    }
    for (const name of names) {
      if (this.entries.length >= MOST_FILES)
        return this.#tell(path, `more than ${MOST_FILES} files; the rest was not read`);
      this.#entry(join(path, name), name, depth);
    }
  }

  #entry(path: string, name: string, depth: number): void {
    try {
      const stats = lstatSync(path);
      if (stats.isDirectory()) {
        if (name !== '.git') this.#folder(path, depth + 1);
      } else if (stats.isSymbolicLink()) this.#link(path, name);
      else if (!/\.[ch]$/.test(name)) return;
      else if (stats.isFile()) this.#file(path, stats);
      else this.#tell(path, 'is no file');
    } catch (cause) {
      this.#tell(path, reasonOf(cause));
    }
  }

  #link(path: string, name: string): void {
    const stats = statSync(path);
    if (stats.isFile()) {
      if (/\.[ch]$/.test(name)) this.#file(path, stats);
    } else this.#tell(path, 'is a symbolic link to something other than a file');
  }

  #file(path: string, { size }: Stats): void {
    const real = realpathSync(path);
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    if (size > LARGEST) this.#tell(path, `is ${size} bytes long: files beyond ${LARGEST} are taken for generated`);
    else this.entries.push({ path, bytes: size });
  }

  #tell(what: string, why: string): void {
    if (this.unread.length < MOST_UNREAD) this.unread.push({ what, why });
  }
}

/** The text of a file with a character for each byte, or why it is none. */
export function readSource(path: string): { readonly text: string } | { readonly why: string } {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    return { why: reasonOf(cause) };
  }
  if (content.subarray(0, 8192).includes(0)) return { why: 'is binary' };
  return { text: content.toString('latin1') };
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
}
