import type { LintDocument } from '../../findings/lint.ts';
import { jsonFinding, printable } from '../json.ts';

/** `kleak lint --json`: findings have the shape of those of `kleak diagnose`, and their place and path beside it. */
export function renderLintJson(document: LintDocument): string {
  const findings = document.findings.map((finding) => ({ ...finding, ...jsonFinding(finding) }));
  return `${printable(JSON.stringify({ ...document, findings }, undefined, 2))}\n`;
}
