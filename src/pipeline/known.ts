import type { Finding } from '../findings/finding.ts';
import { matchKnownIssues, toReference, type IssueMatch, type Observed } from '../knowledge/match.ts';
import type { Facts } from '../rules/rule.ts';

/**
 * Joins a finding with the known issues that what it is about speaks for. An issue that is identified by its own mark
 * settles the verdict: growth with a known signature is a leak, a large cache with a known harmless cause is none.
 */
export function joinKnownIssue(finding: Finding, facts: Partial<Facts>): Finding {
  const [match] = matchKnownIssues(observe(finding, facts));
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
    summary: `${verdict === finding.verdict ? finding.summary : reword(finding, verdict)} ${settled ? 'Known issue' : 'Compare known issue'} ${match.issue.id}: ${match.issue.title}.`,
    knownIssue: toReference(match.issue),
    evidence: [
      ...finding.evidence,
      {
        text: `${identified ? 'matches' : 'agrees with'} ${match.issue.id}: ${match.matched.join(', ')}`,
        source: finding.evidence[0].source,
      },
    ],
  };
}

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

function observe(finding: Finding, { snapshot, callSites = [], events = [] }: Partial<Facts>): Observed {
  const subject = finding.subject;
  const functions = [subject?.function, ...(subject?.callSite?.split(' ← ') ?? []), finding.owner?.function];
  const stacks = callSites
    .filter((g) => g.site.function === subject?.function)
    .flatMap((g) => [g.site.function, ...g.site.through, ...g.site.callers]);
  const owner = finding.owner?.kind === 'module' || finding.owner?.kind === 'driver' ? [finding.owner.name] : [];
  const pages = finding.id === 'unexplained-pages';
  const pool = finding.id === 'managed-pool' ? snapshot?.pools.map((p) => p.name) : [];
  return {
    caches: [subject?.cache, ...(subject?.aliases ?? [])].filter((c) => c !== undefined),
    functions: [...new Set([...functions, ...stacks])].filter((f) => f !== undefined),
    modules: [...owner, ...(pages ? (snapshot?.modules.map((m) => m.name) ?? []) : [])],
    ...(snapshot?.host.release === undefined ? {} : { release: snapshot.host.release }),
    programs: snapshot?.programs ?? [],
    layers: [finding.layer],
    logs: finding.id === 'kmemleak-state' ? events.flatMap((e) => (e.kind === 'kmemleak' ? [e.text] : [])) : [],
    pools: pool ?? [],
  };
}
