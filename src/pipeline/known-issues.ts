import type { KnownIssueEntry } from '../findings/known-issue.ts';
import { searchKnownIssues } from '../knowledge/search.ts';

/** Known issues that the words speak for, best first; all of them where there are no words. */
export function searchKnown(query: string): readonly KnownIssueEntry[] {
  return searchKnownIssues(query).map(({ id, title, cause, fix, fixedIn, status, certainty, references }) => ({
    id,
    title,
    cause,
    fix,
    ...(fixedIn === undefined ? {} : { fixedIn }),
    status,
    certainty,
    references,
  }));
}
