import type { KnownIssue } from './issue.ts';
import { knownIssues } from './registry.ts';

/** Queries are cut here: nobody looks for more words than that. */
const LONGEST = 200;

/**
 * `kleak known QUERY`: known issues that hold the words of the query, best first. Case does not matter. Issues that
 * hold every word come alone where there are any; an empty query gives all, in order.
 */
export function searchKnownIssues(query: string, issues: readonly KnownIssue[] = knownIssues): readonly KnownIssue[] {
  const words = query.slice(0, LONGEST).toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return issues;
  const ranked = issues
    .map((issue) => {
      const scores = words.map((word) => score(issue, word));
      return { issue, found: scores.filter((n) => n > 0).length, total: scores.reduce((a, b) => a + b, 0) };
    })
    .filter(({ found }) => found > 0);
  const best = Math.max(0, ...ranked.map(({ found }) => found));
  return ranked
    .filter(({ found }) => best < words.length || found === best)
    .sort((a, b) => b.found - a.found || b.total - a.total)
    .map(({ issue }) => issue);
}

function score(issue: KnownIssue, word: string): number {
  if (issue.id.toLowerCase() === word) return 100;
  const s = issue.signature;
  const names = [...(s.caches ?? []), ...(s.together ?? []), ...(s.functions ?? []), ...(s.modules ?? [])];
  const own = [...issue.words, ...(s.programs ?? []).map(({ name }) => name)].map((one) => one.toLowerCase());
  if (own.includes(word)) return 12;
  if (names.some((pattern) => new RegExp(`^(?:${pattern})$`, 'i').test(word))) return 10;
  const title = issue.title.toLowerCase();
  if (title.split(/[^\w.-]+/).includes(word)) return 8;
  if (own.some((one) => one.includes(word))) return 5;
  if (title.includes(word) || issue.id.toLowerCase().includes(word)) return 4;
  return names.some((pattern) => pattern.toLowerCase().includes(word)) ? 3 : 0;
}
