import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../testkit/manifest.ts';
import type { LintDocument } from '../../findings/lint.ts';
import { lint } from '../../pipeline/lint/lint.ts';
import { renderSarif } from './sarif.ts';

/** The schema is of draft 4; of what it uses only the name of its identifier has changed since. */
function validator(): (value: unknown) => readonly unknown[] {
  const text = readFileSync(join(ROOT, 'testkit/sarif/sarif-schema-2.1.0.json'), 'utf8');
  const schema: unknown = JSON.parse(text.replace(/"\$schema": "[^"]*",/, '').replace('"id": "https', '"$id": "https'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const check = ajv.compile(Object(schema));
  return (value) => (check(value) ? [] : (check.errors ?? []));
}

describe('SARIF', () => {
  const validate = validator();

  it('is what the schema of SARIF 2.1.0 demands, for real findings', async () => {
    const document = await lint([join(ROOT, 'lab/modules')]);
    const log: unknown = JSON.parse(renderSarif(document, '1.2.3'));
    expect(validate(log)).toEqual([]);
    expect(log).toMatchObject({ runs: [{ results: document.findings.map(({ id }) => ({ ruleId: id })) }] });
    expect(document.findings.length).toBeGreaterThan(4);
  });

  it('is it for hostile names and for nothing too', () => {
    const empty: LintDocument = {
      schema: 'kleak.lint/1',
      summary: '',
      findings: [],
      hidden: { ignored: [], baseline: 0, unsure: 0 },
      read: { files: 0, bytes: 0, lines: 0, functions: 0 },
      unread: [{ what: 'a\u001B[2J\u202E.c', why: 'is binary' }],
      inputs: [],
      rules: [],
    };
    const source = { kind: 'line', file: 'x', line: 1 } as const;
    const hostile: LintDocument = {
      ...empty,
      rules: [{ id: 'lost', title: 'x\n\u0000', page: 'p' }],
      findings: [
        {
          id: 'lost',
          title: '',
          summary: '\u001B]0;x\u0007',
          verdict: 'leak',
          layer: 'none',
          confidence: 0.9,
          file: '/tmp/ü %41\u0001/\ud800.c',
          line: 0,
          function: 'f',
          path: [{ file: 'a b.c', line: 3, what: '\u009B', code: '\t"\\' }],
          fix: '',
          page: 'p',
          fingerprint: 'ff',
          evidence: [{ text: '', source }],
          next: [],
        },
      ],
    };
    for (const document of [empty, hostile]) {
      const text = renderSarif(document, '0.1.0');
      expect(validate(JSON.parse(text))).toEqual([]);
      expect(text).not.toMatch(/[^\n\x20-\x7e]/);
    }
  });

  it('would be refused without its version', () => {
    expect(validate({ runs: [] })).not.toEqual([]);
  });
});
