import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { LintFinding } from '../../src/findings/lint.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { lintFile, linesOf } from './ask-lint.ts';

const PAIRS = join(ROOT, 'fixtures/lint');

/** An entry of index.json. */
export interface Pair {
  /** The folder with before.c and after.c. */
  readonly id: string;
  readonly commit: string;
  readonly title: string;
  readonly subsystem: string;
  readonly kind: string;
  readonly function: string;
  /** Of before.c: where the lost thing is taken. */
  readonly line: number;
  /** Where it is lost. */
  readonly leaves?: number | undefined;
  readonly checked: string;
  /** Drawn at random and written when the rules stood; the others were there while they grew. */
  readonly heldOut?: boolean | undefined;
}

const Index: v.GenericSchema<unknown, readonly Pair[]> = v.array(
  v.object({
    id: v.string(),
    commit: v.string(),
    title: v.string(),
    subsystem: v.string(),
    kind: v.string(),
    function: v.string(),
    line: v.number(),
    leaves: v.optional(v.number()),
    checked: v.string(),
    heldOut: v.optional(v.boolean()),
  }),
);

export interface PairResult {
  readonly pair: Pair;
  /** The finding in before.c that names the leak, and that the repair silences. */
  readonly found?: LintFinding;
  /** The other findings in before.c. */
  readonly besides: readonly LintFinding[];
  /** All findings in after.c: none of them is right. */
  readonly after: readonly LintFinding[];
}

/** A finding names a leak by its function, or by the line where the thing is taken or lost. */
const names = (pair: Pair, finding: LintFinding): boolean => {
  const lines = linesOf(finding);
  return (
    finding.function === pair.function || lines.has(pair.line) || (pair.leaves !== undefined && lines.has(pair.leaves))
  );
};

/** The same claim about the same function: where a repair leaves it as it was, it named something else. */
const claimOf = ({ id, function: name, title }: LintFinding): string => `${id} ${name} ${title}`;

export async function measurePairs(wanted: readonly string[]): Promise<readonly PairResult[]> {
  const index = v.parse(Index, JSON.parse(readFileSync(join(PAIRS, 'index.json'), 'utf8')));
  const chosen = index.filter(({ id }) => wanted.length === 0 || wanted.some((part) => id.includes(part)));
  const results: PairResult[] = [];
  for (const pair of chosen) {
    const before = await lintFile(join(PAIRS, pair.id, 'before.c'));
    const after = await lintFile(join(PAIRS, pair.id, 'after.c'));
    const stays = new Set(after.map(claimOf));
    const found = before.find((finding) => names(pair, finding) && !stays.has(claimOf(finding)));
    const besides = before.filter((finding) => finding !== found);
    results.push({ pair, ...(found ? { found } : {}), besides, after });
  }
  return results;
}
