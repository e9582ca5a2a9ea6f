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
  const verdict = identified ? settle(finding, match) : finding.verdict;
  return {
    ...finding,
    verdict,
    confidence: identified ? Math.min(0.97, Math.max(finding.confidence, 0.75) + 0.05) : finding.confidence,
    summary: `${finding.summary} ${identified ? 'Known issue' : 'Compare known issue'} ${match.issue.id}: ${match.issue.title}.`,
    knownIssue: toReference(match.issue),
    evidence: [
      ...finding.evidence,
      { text: `${identified ? 'matches' : 'agrees with'} ${match.issue.id}: ${match.matched.join(', ')}`, source: finding.evidence[0].source },
    ],
  };
}

function settle(finding: Finding, { issue }: IssueMatch): Finding['verdict'] {
  const hint = issue.signature.verdictHint;
  if (hint !== undefined && finding.verdict !== 'leak') return hint;
  return finding.verdict === 'growth' && hint === undefined && issue.certainty === 'confirmed' ? 'leak' : finding.verdict;
}

function observe(finding: Finding, { snapshot, callSites = [], events = [] }: Partial<Facts>): Observed {
  const subject = finding.subject;
  const functions = [subject?.function, ...(subject?.callSite?.split(' ← ') ?? []), finding.owner?.function];
  const stacks = callSites
    .filter((g) => g.site.function === subject?.function)
    .flatMap((g) => [g.site.function, ...g.site.callers]);
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
