import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Condition, KnownIssue } from './issue.ts';
import { conditionsOf, matchKnownIssues, type Observed } from './match.ts';
import { knownIssues } from './registry.ts';
import { compareVersions } from './version.ts';

const nothing: Observed = { caches: [], functions: [], modules: [], programs: [], layers: [], logs: [] };

/** An observation made of nothing but an issue's own words and layers. */
function fromOwnWords({ words, signature }: KnownIssue): Observed {
  const release = words.find((word) => /^\d+\.\d+\.\d/.test(word));
  const programs = (signature.programs ?? []).flatMap(({ name }) =>
    words
      .filter((word) => word === name || word.startsWith(`${name} `))
      .map((word) => ({ name, version: word.slice(name.length).trim() })),
  );
  return {
    caches: words,
    functions: words,
    modules: words,
    ...(release === undefined ? {} : { release }),
    programs,
    layers: signature.layers ?? [],
    logs: words,
    pools: words,
  };
}

const patternsOf = ({ signature: s }: KnownIssue): readonly string[] =>
  [s.caches, s.together, s.functions, s.modules, s.pools, s.logs].flatMap((list) => list ?? []);

describe('the known issues', () => {
  it('are all in the registry, numbered in order', () => {
    const files = readdirSync(join(import.meta.dirname, 'issues'));
    expect(files.length).toBe(knownIssues.length);
    expect(knownIssues.map(({ id }) => id)).toEqual(knownIssues.map((_, i) => `K-${String(i + 1).padStart(4, '0')}`));
  });

  it.each(knownIssues.map((issue) => [issue.id, issue] as const))('%s is found by its own words', (id, issue) => {
    expect(matchKnownIssues(fromOwnWords(issue)).map((match) => match.issue.id)).toContain(id);
  });

  it('do not match where nothing was seen', () => {
    expect(matchKnownIssues(nothing)).toEqual([]);
  });

  it('do not match a healthy host with the usual modules, nor generic caches that grow', () => {
    const usual: Observed = {
      ...nothing,
      release: '6.8.12',
      modules: ['ext4', 'xfs', 'kvm', 'i40e', 'ice', 'amdgpu', 'vmw_balloon', 'zfs', 'cfg80211', 'mac80211', 'vc4'],
      programs: [
        { name: 'curl', version: '8.5.0' },
        { name: 'i40e', version: '2.28.7' },
      ],
      logs: ['EXT4-fs (sda1): mounted filesystem', 'kmemleak: Kernel memory leak detector initialized'],
    };
    expect(matchKnownIssues(usual)).toEqual([]);
    const sizes = ['8', '32', '64', '96', '128', '192', '256', '512', '1k', '1024', '2k', '2048', '4k'];
    const caches = sizes.flatMap((size) => [`kmalloc-${size}`, `kmalloc-cg-${size}`, `size-${size}`]);
    const growth: Observed = { ...nothing, caches, layers: ['slab-unreclaimable'] };
    expect(matchKnownIssues(growth)).toEqual([]);
    expect(matchKnownIssues({ ...growth, release: '6.8.12' })).toEqual([]);
    expect(matchKnownIssues({ ...growth, release: '4.14.0' })).toEqual([]);
  });

  it('never rest on a generic cache, a layer, a module or a version alone', () => {
    const anyHost = (issue: KnownIssue, set: readonly Condition[]): boolean => {
      const s = issue.signature;
      const generic = (s.caches ?? []).some((pattern) => new RegExp(`^(?:${pattern})$`).test('kmalloc-128'));
      const telling = set.filter((c) => c !== 'layers' && c !== 'kernel' && !(c === 'caches' && generic));
      const versioned = set.includes('kernel') && (set.includes('modules') || set.includes('caches'));
      const moduleOnly = telling.every((c) => c === 'modules');
      const placed = set.includes('layers') || versioned;
      return telling.length === 0 ? s.layers?.join() !== 'hugetlb' : moduleOnly && !placed;
    };
    const loose = knownIssues.filter((issue) => {
      const { identifies, suggests = [] } = issue.signature.weight;
      return [...identifies, ...suggests].some((set) => anyHost(issue, set));
    });
    expect(loose.map(({ id }) => id)).toEqual([]);
  });

  it('name only conditions that they have, and have at least one way to match', () => {
    const wrong = knownIssues.filter(({ signature }) => {
      const sets = [...signature.weight.identifies, ...(signature.weight.suggests ?? [])];
      const has = conditionsOf(signature);
      return sets.length === 0 || sets.some((set) => set.length === 0 || set.some((c) => !has.includes(c)));
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('have patterns that compile and do not nest repetition', () => {
    const patterns = knownIssues.flatMap(patternsOf);
    expect(patterns.length).toBeGreaterThan(knownIssues.length);
    expect(patterns.map((pattern) => new RegExp(pattern).source.length > 0)).not.toContain(false);
    expect(patterns.filter((pattern) => /[*+}]\)[*+{]/.test(pattern))).toEqual([]);
  });

  it('have versions that can be compared', () => {
    const bounds = knownIssues
      .flatMap(({ signature: s }) => [...(s.kernel ?? []), ...(s.programs ?? [])])
      .flatMap(({ from, before }) => [from, before].filter((bound) => bound !== undefined));
    expect(bounds.filter((bound) => compareVersions(bound, bound) !== 0)).toEqual([]);
  });

  it('have references to threads, documents or commits', () => {
    const references = knownIssues.map((issue) => issue.references);
    expect(references.filter((list) => list.length === 0)).toEqual([]);
    const odd = references.flat().filter((one) => !/^(?:https:\/\/\S+|[0-9a-f]{12})$/.test(one));
    expect(odd).toEqual([]);
  });

  it('have short titles and calm words', () => {
    const loud = knownIssues.filter(
      ({ title, cause, fix }) => title.length > 125 || /!|\bsimply\b/i.test(`${title} ${cause} ${fix}`),
    );
    expect(loud.map(({ id }) => id)).toEqual([]);
  });
});
