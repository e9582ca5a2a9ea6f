import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GIB, MIB, somewhere } from '../../testkit/facts.ts';
import { bytes } from '../base/units.ts';
import type { Finding, Verdict } from '../findings/finding.ts';
import { orderFindings } from './conclude.ts';

const finding = (id: string, verdict: Verdict, more: Partial<Finding> = {}): Finding => ({
  id,
  title: id,
  summary: `${id}.`,
  verdict,
  layer: 'slab-unreclaimable',
  confidence: 0.7,
  evidence: [{ text: 'seen', source: somewhere() }],
  next: [],
  ...more,
});
const order = (...findings: readonly Finding[]): readonly string[] => orderFindings(findings, 8 * GIB).map((f) => f.id);

test('what is proven stands before what is suspected, that before what is explained, that before what is open', () => {
  expect(
    order(
      finding('open', 'inconclusive'),
      finding('none', 'not-a-leak'),
      finding('growth', 'growth'),
      finding('leak', 'leak'),
    ),
  ).toEqual(['leak', 'growth', 'none', 'open']);
});

test('a proven trifle stands behind a suspicion a hundred times its size, on a host where that matters', () => {
  const trifle = finding('trifle', 'leak', { bytes: bytes(10_000) });
  expect(order(trifle, finding('gone', 'growth', { bytes: bytes(2 * GIB) }))).toEqual(['gone', 'trifle']);
  expect(order(trifle, finding('small', 'growth', { bytes: bytes(40 * MIB) }))).toEqual(['trifle', 'small']);
});

test('"it all adds up" is the answer only where nothing else says anything', () => {
  expect(order(finding('all-accounted', 'not-a-leak', { layer: 'none' }), finding('open', 'inconclusive'))).toEqual([
    'open',
    'all-accounted',
  ]);
});

test('a cache that is part of something larger is not reported again', () => {
  const sockets = finding('slab-pinned-sockets', 'growth', {
    subject: { cache: 'sock_inode_cache', together: ['dentry'] },
  });
  const again = finding('slab-cache-growth', 'inconclusive', { subject: { cache: 'dentry' } });
  expect(order(again, sockets, finding('slab-cache-growth', 'growth', { subject: { cache: 'filp' } }))).toHaveLength(2);
});

test('tasks that ended explain a cache that grew by them, and none that grew by much more', () => {
  const zombies = finding('dead-tasks', 'not-a-leak', {
    subject: { cache: 'task_struct', together: ['signal_cache'] },
    objects: 600,
  });
  const grown = (objects: number): Finding =>
    finding('slab-cache-growth', 'growth', { subject: { cache: 'signal_cache' }, objects });
  expect(order(zombies, grown(700))).toEqual(['dead-tasks']);
  expect(order(zombies, grown(9000))).toEqual(['slab-cache-growth', 'dead-tasks']);
});

test('the order does not depend on the order of the rules, save between equals', () => {
  const some = fc.array(
    fc.record({
      verdict: fc.constantFrom<Verdict>('leak', 'growth', 'not-a-leak', 'inconclusive'),
      confidence: fc.double({ min: 0.01, max: 1, noNaN: true }),
      size: fc.integer({ min: 0, max: 8 * GIB }),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(some, (list) => {
      const findings = list.map((f, i) =>
        finding(`f${i}`, f.verdict, { confidence: f.confidence, bytes: bytes(f.size) }),
      );
      const verdicts = (of: readonly Finding[]): readonly string[] => orderFindings(of, 8 * GIB).map((f) => f.verdict);
      expect(verdicts(findings.toReversed())).toEqual(verdicts(findings));
      expect(orderFindings(findings, 8 * GIB)).toHaveLength(findings.length);
    }),
  );
});
