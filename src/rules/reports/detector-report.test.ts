import { describe, expect, it } from 'vitest';
import { makeGroup, makeReport, makeSnapshot, runRule } from '../../../testkit/facts.ts';
import { detectorReport } from './detector-report.ts';

const evidenceOf = (content: string): readonly string[] => {
  const group = makeGroup(['kvasprintf', 'dev_set_name'], { content: new TextEncoder().encode(content) });
  const snapshot = makeSnapshot({ reports: [makeReport('kmemleak', [group])] });
  return runRule(detectorReport, [snapshot]).flatMap((f) => f.evidence.map((e) => e.text));
};

describe('detector-report', () => {
  it('shows the text that an object begins with, where it is one', () => {
    expect(evidenceOf('foosim0\u0000x')).toContain('it begins with the text “foosim0”');
    expect(evidenceOf('\u0001foosim0').join()).not.toContain('text');
    expect(evidenceOf('ab').join()).not.toContain('text');
  });
});
