import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../../testkit/read-input.ts';
import type { Diagnosis } from '../findings/diagnosis.ts';
import { diagnose } from './diagnose.ts';
import { InputError } from './errors.ts';

/** A folder of reports that operators published, with what is known of each; not ours to keep in the repository. */
const CASES = resolve(process.env['KLEAK_CASES'] ?? '../shared/cases');

interface Case {
  readonly inputs: readonly { readonly file: string }[];
  readonly expect?: {
    readonly verdict: readonly string[];
    readonly layer?: readonly string[];
    readonly mention: readonly string[];
  };
}

const ids = existsSync(CASES)
  ? readdirSync(CASES)
      .filter((id) => existsSync(join(CASES, id, 'case.json')))
      .toSorted()
  : [];
const root = scratch();

/** Under neutral names: what a file is must be told from its content. */
async function run(id: string): Promise<{ readonly given: Case; readonly answer: Diagnosis | undefined }> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the published form of a case
  const given = JSON.parse(readFileSync(join(CASES, id, 'case.json'), 'utf8')) as Case;
  mkdirSync(join(root, id));
  const inputs = given.inputs.map(({ file }, i) => {
    const copy = join(root, id, `input-${i + 1}`);
    copyFileSync(join(CASES, id, file), copy);
    return copy;
  });
  const answer = await diagnose(inputs).catch((cause: unknown) => {
    if (cause instanceof InputError) return undefined;
    throw cause;
  });
  return { given, answer };
}

function isExact({ expect: wanted }: Case, answer: Diagnosis | undefined): boolean {
  if (!wanted || !answer) return false;
  const said = answer.findings
    .slice(0, 3)
    .map(({ title, subject, owner, knownIssue }) => ({ title, subject, owner, knownIssue }));
  const words = JSON.stringify([answer.summary, said]).toLowerCase();
  return (
    wanted.verdict.includes(answer.verdict) &&
    (wanted.layer === undefined || wanted.layer.includes(answer.layer)) &&
    wanted.mention.some((word) => words.includes(word.toLowerCase()))
  );
}

describe.skipIf(ids.length === 0)(
  `KLEAK_CASES (${ids.length === 0 ? `skipped: set it to a folder of cases` : CASES})`,
  () => {
    test('none crashes, and nearly all that are scored are answered exactly', { timeout: 120_000 }, async () => {
      const wrong: string[] = [];
      let scored = 0;
      for (const id of ids) {
        const { given, answer } = await run(id);
        if (!given.expect) continue;
        scored++;
        if (!isExact(given, answer)) wrong.push(`${id}: ${answer?.verdict ?? 'refused'}/${answer?.layer ?? ''}`);
      }
      // At least 25 of the 27 that were published when this was written.
      expect(wrong.length <= Math.floor(scored * 0.075) ? [] : wrong).toEqual([]);
    });
  },
);
