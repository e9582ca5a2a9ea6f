import type { KnownIssueEntry } from '../findings/known-issue.ts';
import { escapeTerminal } from './escape.ts';

const CERTAINTY: Readonly<Record<KnownIssueEntry['certainty'], string>> = {
  confirmed: 'confirmed',
  reported: 'as reported, not confirmed',
  associated: 'associated by version or circumstance, cause not established',
};

/** The list of `kleak known`: in full where it is short, else a line each. */
export function renderKnown(issues: readonly KnownIssueEntry[], query: string): string {
  if (issues.length === 0) return `Nothing known about ${escapeTerminal(query)}.\n`;
  return issues.length > 6
    ? issues.map((i) => `${i.id}  ${escapeTerminal(i.title)}\n`).join('')
    : issues.map(renderIssue).join('\n');
}

function renderIssue(issue: KnownIssueEntry): string {
  const fixed = issue.fixedIn === undefined ? '' : ` (fixed in ${issue.fixedIn})`;
  return [
    `${issue.id}  ${issue.title}`,
    `  cause  ${issue.cause}`,
    `  fix    ${issue.fix}${fixed}`,
    `  state  ${issue.status}; ${CERTAINTY[issue.certainty]}`,
    ...issue.references.map((r) => `  see    ${r}`),
    '',
  ]
    .map(escapeTerminal)
    .join('\n');
}
