import { expect, test } from 'vitest';
import { diagnoseMade } from '../../testkit/facts.ts';
import { growingHosts } from '../../testkit/hosts/growing.ts';
import { stillHosts } from '../../testkit/hosts/still.ts';

const HOSTS = [...stillHosts, ...growingHosts].map(([what, snapshots, verdicts, layers]) => ({
  what,
  snapshots,
  verdicts,
  layers,
}));

test.each(HOSTS)('$what', ({ snapshots, verdicts, layers }) => {
  const d = diagnoseMade(...snapshots);
  expect(verdicts).toContain(d.verdict);
  expect(layers ?? [d.layer]).toContain(d.layer);
  expect(d.skipped.filter((s) => /Error|not a function|undefined/.test(s.because))).toEqual([]);
  expect(JSON.stringify(d)).not.toMatch(/undefined|NaN|Infinity/);
});
