import { mayStay } from './kernel-parameters.ts';
import { HOME, PATTERNS, ROOT_HOME, type Category, type Pattern } from './patterns.ts';

/** What is known of a host by name. */
export interface Identity {
  /** Its own names and those of others that it knows. */
  readonly hosts: readonly string[];
  readonly users: readonly string[];
}

/** How much was taken out, by what it was. */
export type Redacted = Readonly<Partial<Record<Category, number>>>;

/** Replacements kept apart; what comes after them shares one. */
const MOST = 20_000;
/** Shorter names stand inside of too much. */
const SHORTEST = 2;
const COMMAND_LINE = /^(.*\b(?:[Kk]ernel )?[Cc]ommand line: )(.*)$/;
const UNKNOWN_PARAMETERS = /^(.*\bkernel command line parameters ")([^"]*)(".*)$/;
/** Memory of the kernel, shown by kmemleak: bytes, and what they spell. */
const HEX_ROW = /^ {4}(?:[0-9a-f]{2} ){1,16} .*$/;

/** What may have something to take out in a file of names of code: a home, a group's name, memory. */
const SUSPECT = /\/(?:home|Users|root)\/|\([^()\n]{1,200}\)|^ {4}(?:[0-9a-f]{2} ){1,16} /m;

/** Numbers by names that the kernel gave: nobody's name stands there. */
const NUMBERS =
  /^(?:proc\/(?:uptime|meminfo|vmstat|zoneinfo|buddyinfo|pagetypeinfo|loadavg|cgroups|net\/sockstat6?|sys\/fs\/dentry-state|spl\/.*)|sys\/fs\/cgroup\/cgroup\.stat|sys\/kernel\/mm\/.*|sys\/block|proc\/\*\/smaps_rollup|proc\/sys\/kernel\/random\/boot_id)$/;
/** Symbols, caches, modules, versions: names of code. Paths of sources are looked for, nothing else. */
const CODE =
  /^(?:proc\/(?:slabinfo|vmallocinfo|modules|allocinfo|kallsyms)|sys\/kernel\/(?:slab|debug)\/?.*|sys\/module|sys\/class\/net|packages|etc\/os-release|sys\/fs\/bcachefs\/.*)$/;

/**
 * Takes out of the files of one host what tells whose it is: names of hosts and users, addresses, command lines, paths
 * in homes, serial numbers. The same thing becomes the same replacement in every file. Numbers, names of code and the
 * boot's random id stay, so that what is left can be diagnosed.
 */
export class Redactor {
  readonly #seen = new Map<string, string>();
  readonly #counts = new Map<Category, number>();
  readonly #known: readonly Pattern[];

  constructor({ hosts, users }: Identity) {
    this.#known = [...wholeWords('host', hosts.flatMap(withShortName)), ...wholeWords('user', users)];
  }

  get counts(): Redacted {
    return Object.fromEntries(this.#counts);
  }

  /** One file's text; whole lines. */
  redact(path: string, text: string): string {
    if (NUMBERS.test(path)) return text;
    // `Linux NAME RELEASE …`: the one place where a host's name is told from every other word.
    if (path === 'uname')
      return this.#names(text.replace(/^Linux (\S+)/, (_, name: string) => `Linux ${this.#replace('host', name)}`));
    if (path === 'proc/cmdline') return text.replace(/^.*$/gm, (line) => this.#commandLine(line));
    const ofCode = CODE.test(path);
    // Tens of megabytes, of which hardly a line ever holds anything.
    if (ofCode && !SUSPECT.test(text)) return text;
    const line = ofCode ? this.#ofCode : this.#ofText;
    return text.split('\n').map(line).join('\n');
  }

  readonly #ofCode = (line: string): string => {
    if (HEX_ROW.test(line)) return '';
    // Old kernels name a cache of a control group after it: `dentry(45:node7.service)`.
    const grouped = line.includes('(') ? line.replace(/\([^()]{1,200}\)/g, (inner) => this.#names(inner)) : line;
    return this.#homes(grouped);
  };

  readonly #ofText = (line: string): string => {
    const [, before, parameters] = COMMAND_LINE.exec(line) ?? [];
    if (before !== undefined && parameters !== undefined) return this.#plain(before) + this.#commandLine(parameters);
    const [, start, unknown, rest] = UNKNOWN_PARAMETERS.exec(line) ?? [];
    if (start !== undefined && unknown !== undefined) return start + this.#commandLine(unknown) + (rest ?? '');
    return this.#plain(line);
  };

  #plain(line: string): string {
    let text = this.#homes(line);
    for (const pattern of PATTERNS) text = this.#apply(pattern, text);
    return this.#names(text);
  }

  #names(text: string): string {
    let named = text;
    for (const pattern of this.#known) named = this.#apply(pattern, named);
    return named;
  }

  #homes(text: string): string {
    if (!text.includes('/')) return text;
    return text
      .replace(HOME, (_, root: string, user: string, below: string) => {
        const rest = below.length > 1 ? `/${this.#replace('path', below.slice(1))}` : below;
        return `${root}${this.#replace('user', user)}${rest}`;
      })
      .replace(ROOT_HOME, (_, root: string, below: string) => root + this.#replace('path', below));
  }

  /** Every parameter keeps its name; a value stays where it is known to be about memory. */
  #commandLine(line: string): string {
    return line
      .split(/(\s+)/)
      .map((word) => {
        const [, name = word, value] = /^([\w.-]+)(?:=(.*))?$/s.exec(word) ?? [];
        if (word.trim() === '' || mayStay(name, value)) return word;
        if (value === undefined) return this.#replace('arg', word);
        return `${name}=${this.#replace('arg', value)}`;
      })
      .join('');
  }

  #apply({ category, matches, except }: Pattern, text: string): string {
    return text.replace(matches, (match: string, ...rest: unknown[]) => {
      const named = rest.at(-1);
      const groups: unknown = typeof named === 'object' ? named : undefined;
      const it = groupOf(groups) ?? match;
      const offset = rest.findLast((one) => typeof one === 'number') ?? 0;
      if (this.#isReplacement(it) || except?.(it, text.slice(Math.max(0, offset - 20), offset)) === true) return match;
      return match.replace(it, () => this.#replace(category, it));
    });
  }

  /** What an earlier pattern put there. */
  #isReplacement(text: string): boolean {
    return /^(?:host|user|ip|mac|uuid|serial|path|arg)-(?:\d+|more)$/.test(text);
  }

  /** What stands in place of a thing that is known for what it is; the same wherever that is asked for. */
  replace(category: Category, it: string): string {
    return this.#replace(category, it);
  }

  #replace(category: Category, it: string): string {
    if (this.#isReplacement(it)) return it;
    const key = `${category} ${category === 'path' || category === 'arg' ? it : it.toLowerCase()}`;
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    if (this.#seen.size >= MOST) return `${category}-more`;
    const count = (this.#counts.get(category) ?? 0) + 1;
    this.#counts.set(category, count);
    const replacement = `${category}-${count}`;
    this.#seen.set(key, replacement);
    return replacement;
  }
}

function groupOf(groups: unknown): string | undefined {
  if (typeof groups !== 'object' || groups === null || !('it' in groups)) return undefined;
  return typeof groups.it === 'string' ? groups.it : undefined;
}

/** A host is called by the first part of its name too. */
const withShortName = (name: string): readonly string[] => [name, name.split('.')[0] ?? name];

/** Words of which the kernel's reports are made: a host or user that is called so cannot be told from them. */
const ORDINARY =
  /^(?:\d+|localhost|node|zone|mem|memory|slab|kernel|cache|linux|free|active|inactive|dma|normal|cpu|cpus|total|page|pages|swap|task|tasks|process|comm|pid|uid|tgid|name|host|server|system|user|users|root|call|trace|modules?|vmalloc|order|killed|out|of|low|high|min|max|info|type|state|time|all|code|data|stack|anon|file|shmem|rss|oom|kmalloc|dentry|inode|ext4|xfs|nfs|net|eth0|usb|pci|acpi|linked|in|to|on|by|the|and|is|at|from|with)$/i;

/** The longest first, for one may begin another. */
function wholeWords(category: Category, names: readonly string[]): readonly Pattern[] {
  const words = [...new Set(names)]
    .filter((name) => name.length >= SHORTEST && !ORDINARY.test(name))
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, 2000)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`));
  if (words.length === 0) return [];
  return [{ category, matches: new RegExp(`(?<![A-Za-z0-9])(?:${words.join('|')})(?![A-Za-z0-9])`, 'g') }];
}
