import type { Finding } from '../findings/finding.ts';
import { matchKnownIssues, toReference, type IssueMatch, type Observed } from '../knowledge/match.ts';
import type { KernelEvent, Snapshot } from '../model/snapshot.ts';
import type { Facts } from '../rules/rule.ts';

/**
 * Joins a finding with the known issues that what it is about speaks for. An issue that is identified by its own mark
 * settles the verdict: growth with a known signature is a leak, a large cache with a known harmless cause is none.
 */
export function joinKnownIssue(finding: Finding, facts: Partial<Facts>): Finding {
  if (EXPLAINED.has(finding.id)) return finding;
  const match = matchKnownIssues(observe(finding, facts)).find((candidate) => !contradicts(candidate, finding));
  if (!match) return finding;
  const identified = match.strength === 'identified';
  const verdict = settle(finding, match);
  const settled = verdict !== finding.verdict || identified;
  return {
    ...finding,
    verdict,
    confidence: settled
      ? Math.min(0.97, Math.max(finding.confidence, 0.75) + (identified ? 0.05 : 0))
      : finding.confidence,
    summary: `${verdict === finding.verdict ? finding.summary : reword(finding, verdict)} ${settled ? 'Known issue' : 'Compare known issue'} ${match.issue.id}.`,
    knownIssue: toReference(match.issue),
    next: [
      ...finding.next,
      {
        command: `kleak known ${match.issue.id}`,
        why: 'its cause, what fixes it, and where it was reported',
        risk: 'none',
      },
    ],
    evidence: [
      ...finding.evidence,
      {
        text: `${identified ? 'matches' : 'agrees with'} ${match.issue.id}: ${match.matched.join(', ')}`,
        source: finding.evidence[0].source,
      },
    ],
  };
}

/** What is proven to be lost is not compared with a cache that the kernel gives back. */
const contradicts = ({ issue, strength }: IssueMatch, { verdict }: Finding): boolean =>
  verdict === 'leak' && strength === 'consistent' && issue.signature.verdictHint === 'not-a-leak';

/** Findings that name their cause themselves; that the same caches also occur in a known issue says nothing. */
const EXPLAINED: ReadonlySet<string> = new Set(['open-sockets', 'all-accounted', 'page-cache-large', 'layer-growth']);

/** The rule's own sentence spoke for the verdict that it gave; what the known issue changed needs another. */
function reword({ title, summary }: Finding, verdict: Finding['verdict']): string {
  return verdict === 'not-a-leak' ? `Not lost: ${title}.` : summary;
}

function settle({ verdict }: Finding, { issue, strength }: IssueMatch): Finding['verdict'] {
  const { verdictHint: hint, programs } = issue.signature;
  if (strength === 'consistent') {
    // A program of the very version that is known for it decides what the numbers alone leave open.
    return verdict === 'inconclusive' && hint !== undefined && programs !== undefined ? hint : verdict;
  }
  if (hint !== undefined) return verdict === 'leak' ? verdict : hint;
  if (issue.certainty !== 'confirmed') return verdict;
  return verdict === 'growth' ? 'leak' : verdict === 'inconclusive' ? 'growth' : verdict;
}

function observe(finding: Finding, facts: Partial<Facts>): Observed {
  const { snapshot, events = [] } = facts;
  const release = snapshot?.host.release;
  return {
    ...namesOf(finding),
    functions: functionsOf(finding, facts),
    modules: modulesOf(finding, snapshot),
    ...(release === undefined ? {} : { release }),
    programs: snapshot?.programs ?? [],
    layers: [finding.layer],
    logs: [...events.flatMap((e) => spellEvent(e, finding)), ...spellCgroups(snapshot, finding)],
    pools: finding.id === 'managed-pool' ? (snapshot?.pools ?? []).map((p) => p.name) : [],
  };
}

function namesOf({ subject }: Finding): Pick<Observed, 'caches' | 'names'> {
  const { cache, aliases = [], together = [], path, names = [] } = subject ?? {};
  return {
    caches: [cache, ...aliases, ...together].filter((name) => name !== undefined),
    names: [path, ...names].filter((name) => name !== undefined),
  };
}

/** Any loaded module may have taken pages that nobody accounts for; other findings name theirs. */
function modulesOf({ id, owner }: Finding, snapshot: Snapshot | undefined): readonly string[] {
  const named = owner?.kind === 'module' || owner?.kind === 'driver' ? [owner.name] : [];
  return id === 'unexplained-pages' ? [...named, ...(snapshot?.modules ?? []).map((m) => m.name)] : named;
}

function functionsOf({ subject, owner }: Finding, { callSites = [] }: Partial<Facts>): readonly string[] {
  const stacks = callSites
    .filter((g) => g.site.function === subject?.function)
    .flatMap((g) => [g.site.function, ...g.site.through, ...g.site.callers]);
  const named = [subject?.function, ...(subject?.callSite?.split(' ← ') ?? []), owner?.function];
  return [...new Set([...named, ...stacks])].filter((f) => f !== undefined);
}

/** Events as lines, in the words that signatures look for; only those that the finding is about. */
function spellEvent(event: KernelEvent, finding: Finding): readonly string[] {
  if (event.kind === 'kmemleak') return finding.id === 'kmemleak-state' ? [event.text] : [];
  if (event.kind !== 'slub-cannot-allocate' && event.kind !== 'objects-remaining') return [];
  if (finding.id !== 'kernel-complaint' || finding.subject?.cache !== event.cache) return [];
  const name = `${event.cache}${event.memcg === undefined ? '' : `(0:${event.memcg})`}`;
  return [
    event.kind === 'slub-cannot-allocate'
      ? `slub-cannot-allocate ${name}`
      : `${event.cache}: Objects remaining in ${name}`,
  ];
}

const spellCgroups = (snapshot: Snapshot | undefined, finding: Finding): readonly string[] =>
  finding.id === 'cgroup-remnants' ? (snapshot?.cgroups.map((c) => `${c.name} 0 ${c.groups} 1`) ?? []) : [];
