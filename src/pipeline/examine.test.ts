import { expect, test } from 'vitest';
import { diagnoseMade, makeHost, makeSnapshot } from '../../testkit/facts.ts';
import { missing } from '../model/measured.ts';
import { defineRule } from '../rules/rule.ts';
import { rules } from '../rules/registry.ts';
import { examine } from './examine.ts';
import { measureFacts } from './facts.ts';

const { facts } = measureFacts([makeHost({ ram: 8192 })]);

test('a rule that fails does not stop the others, and says so', () => {
  const broken = defineRule({
    id: 'broken',
    title: 'a broken rule',
    needs: ['snapshot'],
    examine: () => {
      throw new TypeError('it broke');
    },
  });
  const quiet = defineRule({ id: 'quiet', title: 'a quiet rule', needs: ['accounting'], examine: () => [] });
  expect(examine([broken, quiet], facts)).toEqual([
    { state: 'failed', rule: 'a broken rule', because: 'it broke' },
    { state: 'examined', rule: 'a quiet rule', findings: [] },
  ]);
});

test('a rule whose needs were not seen is skipped with the reason, not silent', () => {
  const needy = defineRule({ id: 'needy', title: 'a needy rule', needs: ['caches'], examine: () => [] });
  expect(examine([needy], { ...facts, caches: missing('no table was seen') })).toEqual([
    { state: 'skipped', rule: 'a needy rule', because: 'no table was seen' },
  ]);
});

test('a rule sees what it names and nothing else', () => {
  const seen: string[] = [];
  const curious = defineRule({
    id: 'curious',
    title: 'a curious rule',
    needs: ['snapshot'],
    mayUse: ['accounting', 'growth'],
    examine: (given) => {
      seen.push(...Object.keys(given));
      return [];
    },
  });
  examine([curious], facts);
  expect(seen).toEqual(['snapshot', 'accounting']);
});

test('of a snapshot in which nothing was seen, nothing is claimed, and every rule either looked or said why not', () => {
  const d = diagnoseMade(makeSnapshot());
  expect(d).toMatchObject({ verdict: 'inconclusive', layer: 'none', findings: [] });
  expect(d.skipped.length).toBeGreaterThan(rules.length / 2);
  expect(d.skipped.every((s) => s.because !== '')).toBe(true);
  expect(d.summary).toMatch(/does not allow .* What would tell: kleak snapshot/);
});
