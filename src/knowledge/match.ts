import type { KnownIssueRef, Layer } from '../findings/finding.ts';
import type { Condition, KnownIssue, Signature } from './issue.ts';
import { knownIssues } from './registry.ts';
import { kernelWithin, programWithin } from './version.ts';

/** What was seen, for comparing with known issues. Empty lists mean "not seen", never "not there". */
export interface Observed {
  /** Slab caches that a finding is about (growing, large, or in a report). Not every cache of the host. */
  readonly caches: readonly string[];
  /** Functions in the allocation stacks and at the call sites that a finding is about. */
  readonly functions: readonly string[];
  /** Modules loaded, or named in stacks. */
  readonly modules: readonly string[];
  /** As `uname -r` prints it. */
  readonly release?: string;
  /** Programs, packages and out-of-tree drivers with their versions; '' where it is not known. */
  readonly programs: readonly { readonly name: string; readonly version: string }[];
  /** Layers that findings of a leak or a growth are about, or that hold what looks like one. */
  readonly layers: readonly Layer[];
  /** Lines of the kernel log. */
  readonly logs: readonly string[];
  /** Directories that a finding is about, and names in them. */
  readonly names?: readonly string[];
  /** Pools outside of slab that hold much: `arc`, `V3D`. */
  readonly pools?: readonly string[];
}

export interface IssueMatch {
  readonly issue: KnownIssue;
  /** What agreed, in words: `function vc4_submit_cl_ioctl`. */
  readonly matched: readonly string[];
  /** `identified`: its own mark was seen. `consistent`: everything fits, and another cause is possible. */
  readonly strength: 'identified' | 'consistent';
}

/** Log lines are cut here before they are searched; what identifies stands at their beginning. */
const LINE = 2000;

/**
 * Known issues that what was seen speaks for, identified ones first, else in the order of the registry. A kernel of
 * another version rules an issue out; so does a program of another version, unless the issue's own mark was seen.
 */
export function matchKnownIssues(
  observed: Observed,
  issues: readonly KnownIssue[] = knownIssues,
): readonly IssueMatch[] {
  const matches = issues.flatMap((issue) => {
    const match = matchIssue(issue, observed);
    return match ? [match] : [];
  });
  return [
    ...matches.filter(({ strength }) => strength === 'identified'),
    ...matches.filter(({ strength }) => strength === 'consistent'),
  ];
}

export function toReference(issue: KnownIssue): KnownIssueRef {
  return {
    id: issue.id,
    title: issue.title,
    cause: issue.cause,
    fix: issue.fix,
    ...(issue.fixedIn === undefined ? {} : { fixedIn: issue.fixedIn }),
    references: issue.references,
  };
}

function matchIssue(issue: KnownIssue, observed: Observed): IssueMatch | undefined {
  const { signature } = issue;
  const seen = new Map<Condition, readonly string[]>();
  const disagree: Condition[] = [];
  for (const [condition, check] of CHECKS) {
    const result = signature[condition] === undefined ? [] : check(signature, observed);
    if (result === 'disagrees') disagree.push(condition);
    else if (result.length > 0) seen.set(condition, result);
  }
  if (disagree.includes('kernel')) return undefined;
  const complete = (set: readonly Condition[]): boolean => set.length > 0 && set.every((c) => seen.has(c));
  const matched = [...seen.values()].flat();
  if (signature.weight.identifies.some(complete)) return { issue, matched, strength: 'identified' };
  if (disagree.length === 0 && signature.weight.suggests?.some(complete))
    return { issue, matched, strength: 'consistent' };
  return undefined;
}

/** The conditions that a signature has, in the order in which they are told. */
export function conditionsOf(signature: Signature): readonly Condition[] {
  return CHECKS.map(([condition]) => condition).filter((condition) => signature[condition] !== undefined);
}

/** What agreed, in words; nothing where it was not seen. */
type Check = (signature: Signature, seen: Observed) => readonly string[] | 'disagrees';

const named =
  (kind: string, names: (seen: Observed) => readonly string[], patterns: (s: Signature) => readonly string[]) =>
  (s: Signature, seen: Observed): readonly string[] =>
    whole(patterns(s), names(seen)).map((name) => `${kind} ${name}`);

const CHECKS: readonly (readonly [Condition, Check])[] = [
  [
    'functions',
    named(
      'function',
      (seen) => seen.functions.map(plainFunction),
      (s) => s.functions ?? [],
    ),
  ],
  ['logs', (s, seen) => lines(s.logs ?? [], seen.logs, 'log:')],
  ['names', (s, seen) => lines(s.names ?? [], seen.names ?? [], 'name')],
  [
    'caches',
    named(
      'cache',
      (seen) => seen.caches,
      (s) => s.caches ?? [],
    ),
  ],
  ['together', (s, seen) => together(s.together ?? [], seen.caches)],
  [
    'modules',
    named(
      'module',
      (seen) => seen.modules,
      (s) => s.modules ?? [],
    ),
  ],
  ['kernel', (s, seen) => kernel(s, seen.release)],
  ['programs', (s, seen) => programs(s, seen.programs)],
  [
    'pools',
    named(
      'pool',
      (seen) => seen.pools ?? [],
      (s) => s.pools ?? [],
    ),
  ],
  ['layers', (s, seen) => (s.layers ?? []).filter((l) => seen.layers.includes(l)).map((l) => `layer ${l}`)],
];

/** `foo.constprop.0` and `foo+0x10/0x20` are foo. */
function plainFunction(name: string): string {
  return /^[^.+\s]*/.exec(name)?.[0] ?? name;
}

function whole(patterns: readonly string[], names: readonly string[]): readonly string[] {
  const expressions = patterns.map((pattern) => new RegExp(`^(?:${pattern})$`));
  return [...new Set(names.filter((name) => expressions.some((e) => e.test(name))))];
}

function together(patterns: readonly string[], names: readonly string[]): readonly string[] {
  const each = patterns.map((pattern) => whole([pattern], names));
  return each.some((found) => found.length === 0) ? [] : each.flat().map((name) => `cache ${name}`);
}

function lines(patterns: readonly string[], logs: readonly string[], kind: string): readonly string[] {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  const hit = logs.map((line) => line.slice(0, LINE)).find((line) => expressions.some((e) => e.test(line)));
  return hit === undefined ? [] : [`${kind} ${hit.trim().slice(0, 120)}`];
}

function kernel({ kernel: ranges = [] }: Signature, release: string | undefined): readonly string[] | 'disagrees' {
  if (release === undefined) return [];
  const results = ranges.map((range) => kernelWithin(release, range));
  if (results.includes('yes')) return [`kernel ${release.slice(0, 80)}`];
  return results.includes('unknown') ? [] : 'disagrees';
}

function programs({ programs: ranges = [] }: Signature, seen: Observed['programs']): readonly string[] | 'disagrees' {
  const pairs = seen.flatMap((program) =>
    ranges
      .filter(({ name }) => name === program.name)
      .map((range) => ({ program, within: programWithin(program.version, range) })),
  );
  const hits = pairs.filter(({ within }) => within === 'yes');
  if (hits.length > 0) {
    return [...new Set(hits.map(({ program }) => `${program.name} ${program.version}`.trim()))];
  }
  return pairs.length > 0 && pairs.every(({ within }) => within === 'no') ? 'disagrees' : [];
}
