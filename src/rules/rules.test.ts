import { describe, expect, test } from 'vitest';
import { makeHost, runRule, runRules } from '../../testkit/facts.ts';
import { cacheCases } from '../../testkit/rule-cases/caches.ts';
import { dumpCases, type DumpCase } from '../../testkit/rule-cases/dumps.ts';
import type { RuleCase } from '../../testkit/rule-cases/hosts.ts';
import { layerCases } from '../../testkit/rule-cases/layers.ts';
import { reportCases } from '../../testkit/rule-cases/reports.ts';
import type { Finding } from '../findings/finding.ts';
import type { DumpFacts } from '../model/dump-facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { findTerm } from '../report/glossary/find.ts';
import { rules } from './registry.ts';
import type { AnyRule } from './rule.ts';

/** Rules whose cases stand in a test beside them. */
const OWN_TESTS: readonly string[] = [
  'lost-reference',
  'slab-zfs',
  'kernel-beyond-caches',
  'network-buffers',
  'slab-half-empty',
  'process-holds',
];

const CASES: Readonly<Record<string, RuleCase>> = { ...cacheCases, ...layerCases, ...reportCases };

const ruleOf = (id: string): AnyRule => {
  const rule = rules.find((r) => r.id === id);
  if (!rule) throw new Error(`no rule ${id}`);
  return rule;
};
const pairs = (key: keyof RuleCase): readonly (readonly [string, string, readonly Snapshot[]])[] =>
  Object.entries(CASES).flatMap(([id, c]) =>
    Object.entries(c[key]).map(([what, snapshots]) => [id, what, snapshots] as const),
  );

const dumpPairs = (key: keyof DumpCase): readonly (readonly [string, string, DumpFacts])[] =>
  Object.entries(dumpCases).flatMap(([id, c]) =>
    Object.entries(c[key]).map(([what, dump]) => [id, what, dump] as const),
  );
const beside: readonly Snapshot[] = [makeHost({ ram: 4096 })];

/** Rules that count what fills unreclaimable slab one by one: free slots, zombies of a parent, what processes have open. */
const ACCOUNTED: ReadonlySet<string> = new Set(['slab-fragmentation', 'dead-tasks', 'process-holds']);

/** What the contract and good manners ask of a finding, as sentences of what is wrong with it. */
function faults(f: Finding): readonly string[] {
  const bad = (wrong: boolean, what: string): readonly string[] => (wrong ? [`${f.id}: ${what}`] : []);
  const holdsNothing = f.layer === 'none';
  return [
    ...bad(f.title.trim() === '' || f.summary.trim() === '', 'no title or summary'),
    ...bad(
      /undefined|NaN|\[object|Infinity/.test(JSON.stringify([f.title, f.summary, f.evidence, f.next])),
      'a hole in a sentence',
    ),
    ...bad(!/[.!?]$/.test(f.summary), 'the summary is no sentence'),
    ...bad(/!/.test(f.summary), 'an exclamation mark'),
    ...bad(!(f.confidence > 0 && f.confidence <= 1), 'confidence out of range'),
    ...bad(f.evidence.length === 0 || f.evidence.some((e) => e.text.trim() === ''), 'evidence without words'),
    ...bad(
      f.next.some((n) => n.command.trim() === '' || n.why.trim() === '' || !['none', 'low', 'high'].includes(n.risk)),
      'a next step that says too little',
    ),
    ...bad(f.verdict === 'leak' && (holdsNothing || f.layer === 'page-cache'), 'a leak where nothing can leak'),
    ...bad(f.verdict === 'growth' && holdsNothing, 'growth of nothing'),
    ...bad(
      f.verdict === 'not-a-leak' && f.layer === 'slab-unreclaimable' && !ACCOUNTED.has(f.id),
      'unreclaimable slab explained away',
    ),
    ...bad(f.verdict === 'not-a-leak' && /LEAK|leak(?:s|ed)\b/.test(f.title), 'calls a cache a leak'),
  ];
}

describe('every rule', () => {
  test('has a case here that makes it speak, and one that must not', () => {
    const without = rules
      .filter((r) => !(r.id in CASES) && !(r.id in dumpCases) && !OWN_TESTS.includes(r.id))
      .map((r) => r.id);
    expect(without).toEqual([]);
    for (const { fires, rests } of [...Object.values(CASES), ...Object.values(dumpCases)]) {
      expect(Object.keys(fires).length * Object.keys(rests).length).toBeGreaterThan(0);
    }
  });

  test.each(pairs('fires'))('%s speaks: %s', (id, _, snapshots) => {
    const findings = runRule(ruleOf(id), snapshots);
    expect(findings.map((f) => f.id)).toContain(id);
    expect(findings.flatMap(faults)).toEqual([]);
  });

  test.each(pairs('rests'))('%s rests: %s', (id, _, snapshots) => {
    expect(runRule(ruleOf(id), snapshots)).toEqual([]);
  });

  test.each(dumpPairs('fires'))('%s speaks: %s', (id, _, dump) => {
    const findings = runRule(ruleOf(id), beside, dump);
    expect(findings.map((f) => f.id)).toContain(id);
    expect(findings.flatMap(faults)).toEqual([]);
  });

  test.each(dumpPairs('rests'))('%s rests: %s', (id, _, dump) => {
    expect(runRule(ruleOf(id), beside, dump)).toEqual([]);
  });

  test('keeps to form on everything that is made up here', () => {
    for (const [, , snapshots] of [...pairs('fires'), ...pairs('rests')]) {
      expect(runRules(rules, snapshots).flatMap(faults)).toEqual([]);
    }
    for (const [, , dump] of [...dumpPairs('fires'), ...dumpPairs('rests')]) {
      expect(runRules(rules, beside, dump).flatMap(faults)).toEqual([]);
    }
  });

  test('speaks in words that the glossary explains', () => {
    const all = [
      ...[...pairs('fires')].flatMap(([id, , snapshots]) => runRule(ruleOf(id), snapshots)),
      ...dumpPairs('fires').flatMap(([id, , dump]) => runRule(ruleOf(id), beside, dump)),
    ];
    const words = new Set(all.flatMap(({ terms = [] }) => terms));
    expect([...words].filter((word) => findTerm(word) === undefined)).toEqual([]);
  });

  test('has an id and a title of its own', () => {
    expect(new Set(rules.map((r) => r.id)).size).toBe(rules.length);
    expect(new Set(rules.map((r) => r.title)).size).toBe(rules.length);
  });
});

describe('verdicts', () => {
  const everything = [...pairs('fires'), ...pairs('rests')].flatMap(([, , s]) => runRules(rules, s));

  test('a leak has a detector, a dump or the kernel’s own word behind it', () => {
    const proven = everything.filter((f) => f.verdict === 'leak').map((f) => f.id);
    expect([...new Set(proven)].toSorted()).toEqual(['detector-report', 'dumped-objects', 'kernel-complaint']);
  });

  test('a reclaimable cache that only grows is never a leak, nor is one that is only large', () => {
    const caches = everything.filter((f) => f.layer === 'slab-reclaimable' && f.id !== 'slab-pinned-sockets');
    expect(caches.length).toBeGreaterThan(0);
    expect(caches.filter((f) => f.verdict === 'leak' || f.verdict === 'growth')).toEqual([]);
  });
});
