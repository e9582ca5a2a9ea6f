import { readFileSync } from 'node:fs';
import type { LintDocument } from '../../findings/lint.ts';
import { InputError } from '../../sources/input-error.ts';

/** What is written to a baseline: for people a line each, for kleak the fingerprint. */
export function writeBaseline({ findings }: LintDocument): string {
  const known = findings.map(({ fingerprint, id, file, function: name }) => ({
    fingerprint,
    rule: id,
    file,
    function: name,
  }));
  return `${JSON.stringify({ schema: 'kleak.lint-baseline/1', known }, undefined, 2)}\n`;
}

/** Fingerprints of what is known. Throws InputError for a file that is no baseline. */
export function readBaseline(file: string): ReadonlySet<string> {
  const remedy = 'kleak lint --write-baseline FILE makes one';
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/,.*$/s, '') : String(cause);
    throw new InputError(file, `is no baseline: ${why}`, remedy, { cause });
  }
  if (typeof content !== 'object' || content === null || !('known' in content) || !Array.isArray(content.known)) {
    throw new InputError(file, 'is no baseline: it lists nothing known', remedy);
  }
  const known: readonly unknown[] = content.known;
  return new Set(
    known.flatMap((entry) =>
      typeof entry === 'object' && entry !== null && 'fingerprint' in entry && typeof entry.fingerprint === 'string'
        ? [entry.fingerprint]
        : [],
    ),
  );
}
