import type { KernelRange, ProgramRange } from './issue.ts';

/** Versions longer than this are somebody's file, not a version. */
const LONGEST = 128;

interface Version {
  readonly main: readonly number[];
  /** Below 0 for a release candidate, higher for later ones; 0 for the release itself. */
  readonly candidate: number;
  /** A letter right behind the main number: OpenSSL's 1.0.2k. */
  readonly letter: string;
  /** The build number of a distribution: 514 and 2 and 2 of `3.10.0-514.2.2.el7`. */
  readonly build: readonly number[];
}

/**
 * Orders kernel and program versions: negative where `a` is older, 0 where they are the same, undefined where one of
 * them is no version. Suffixes that are words (`-v7+`, `-generic`, `.el7`) do not count; release candidates come before
 * their release; build numbers decide between equal versions.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (!left || !right) return undefined;
  return (
    compareNumbers(left.main, right.main) ||
    left.candidate - right.candidate ||
    (left.letter < right.letter ? -1 : left.letter > right.letter ? 1 : 0) ||
    compareNumbers(left.build, right.build)
  );
}

/** The same without build numbers: `7.19.7-37.el6` is 7.19.7. */
export function sameVersion(a: string, b: string): boolean {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (!left || !right) return false;
  return (
    compareNumbers(left.main, right.main) === 0 && left.candidate === right.candidate && left.letter === right.letter
  );
}

/** `unknown` where the number of a distribution's kernel does not tell which fixes it holds. */
export type Within = 'yes' | 'no' | 'unknown';

export function kernelWithin(release: string, range: KernelRange): Within {
  if (release.length > LONGEST || !parseVersion(release)) return 'unknown';
  if (range.flavour !== undefined) {
    if (!new RegExp(range.flavour).test(release)) return 'no';
  } else if (carriesBackports(release)) return 'unknown';
  const from = bound(release, range.from, range.flavour !== undefined);
  const before = bound(release, range.before, range.flavour !== undefined);
  if (from === 'unknown' || before === 'unknown') return 'unknown';
  const late = from === undefined || from >= 0;
  const early = before === undefined || before < 0;
  return late && early ? 'yes' : 'no';
}

export function programWithin(version: string, range: ProgramRange): Within {
  const { from, before, only } = range;
  if (from === undefined && before === undefined && only === undefined) return 'yes';
  if (!parseVersion(version)) return 'unknown';
  if (only !== undefined) return only.some((one) => sameVersion(one, version)) ? 'yes' : 'no';
  const late = from === undefined || (compareVersions(version, from) ?? -1) >= 0;
  const early = before === undefined || (compareVersions(version, before) ?? 1) < 0;
  return late && early ? 'yes' : 'no';
}

/**
 * Debian's and Ubuntu's releases say 5.10.0-9 for whatever 5.10.y they are built of. A bound inside that series cannot
 * be compared with them.
 */
function bound(release: string, limit: string | undefined, exact: boolean): number | 'unknown' | undefined {
  if (limit === undefined) return undefined;
  const order = compareVersions(release, limit);
  if (order === undefined) return 'unknown';
  const [major, minor, patch = 0] = parseVersion(limit)?.main ?? [];
  const vague = !exact && patch > 0 && hidesPatchLevel(release);
  const series = parseVersion(release)?.main ?? [];
  return vague && series[0] === major && series[1] === minor ? 'unknown' : order;
}

const hidesPatchLevel = (release: string): boolean => /^\d{1,4}\.\d{1,4}\.0-\d/.test(release);

/** Enterprise kernels keep a number for years and take fixes and features from later ones. */
const carriesBackports = (release: string): boolean =>
  /\.el\d/.test(release) || /-\d{6}\.\d/.test(release) || /\.(?:amzn|oe)\d/.test(release);

function parseVersion(text: string): Version | undefined {
  if (text.length > LONGEST) return undefined;
  const match = /^(?:\d{1,4}:)?v?(\d[\d.]*)(.*)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, main = '', rest = ''] = match;
  const candidate = /^[-.~_]?(?:rc|alpha|beta|pre)[.-]?(\d{0,4})/i.exec(rest);
  if (candidate) return { main: numbers(main), candidate: Number(candidate[1] ?? '0') - 10_000, letter: '', build: [] };
  const letter = /^[a-z](?![a-z])/i.exec(rest)?.[0] ?? '';
  return {
    main: numbers(main),
    candidate: 0,
    letter: letter.toLowerCase(),
    build: numbers(/^[-_](\d[\d.]*)/.exec(rest.slice(letter.length))?.[1] ?? ''),
  };
}

const numbers = (dotted: string): number[] =>
  dotted
    .split('.')
    .filter((part) => part !== '')
    .map(Number);

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
