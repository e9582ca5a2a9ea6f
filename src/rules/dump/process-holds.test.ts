import { describe, expect, it } from 'vitest';
import { makeCache, makeDump, runRule, usualCaches } from '../../../testkit/facts.ts';
import { held } from '../../../testkit/rule-cases/dump-things.ts';
import { series } from '../../../testkit/rule-cases/hosts.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { HeldPart } from '../../model/dump-facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { processHolds } from './process-holds.ts';

const snapshots = (added: number): readonly Snapshot[] =>
  series((i) => ({ caches: [...usualCaches(), makeCache('UDP', 60 + i * added, 1152)] }));
const examine = (added: number, parts: readonly HeldPart[]): readonly Finding[] => {
  const sum = parts.reduce((total, part) => total + part.bytes, 0);
  const objects = parts.reduce((total, part) => total + part.objects, 0);
  const proxy = {
    pid: 812,
    comm: 'proxy',
    files: objects,
    parts,
    objects,
    bytes: bytes(sum),
    task: 'ffff888101234000',
  };
  return runRule(processHolds, snapshots(added), makeDump({ processes: { parts, most: [proxy] } }));
};

describe('what grows and processes have open', () => {
  it('is theirs, and no leak of the kernel', () => {
    const [finding] = examine(40_000, [held('UDP', 200_000, 1152, { share: 0.999 })]);
    expect(finding).toMatchObject({
      id: 'process-holds',
      verdict: 'not-a-leak',
      subject: { cache: 'UDP' },
      owner: { kind: 'process', name: 'proxy' },
    });
    expect(finding?.evidence[0]?.text).toContain('proxy (pid 812) has 200,000 files open');
    expect(finding?.summary).toMatch(/^Not a leak of the kernel/);
  });

  it('does not explain what others hold as much of as was added', () => {
    expect(examine(40_000, [held('UDP', 200_000, 1152, { share: 0.5 })])).toEqual([]);
  });

  it('does not explain what processes hold too little of', () => {
    expect(examine(40_000, [held('UDP', 100_000, 1152, { share: 0.9 })])).toEqual([]);
  });

  it('says nothing of what is below the gate', () => {
    expect(examine(40, [held('UDP', 260, 1152)])).toEqual([]);
  });
});
