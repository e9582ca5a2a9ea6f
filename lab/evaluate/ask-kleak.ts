import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { CoreLeaks } from '../../src/findings/core/core-leaks.ts';
import type { CoreRefcounts } from '../../src/findings/core/core-holders.ts';
import type { CoreRefs } from '../../src/findings/core/core-refs.ts';
import type { Diagnosis } from '../../src/findings/diagnosis.ts';
import { ROOT } from '../../testkit/manifest.ts';

const KLEAK = join(ROOT, 'bin/kleak');
const LONGEST = 120_000;

/** What a command printed, and how long it took, process start included. */
export interface Answer<T> {
  readonly document: T;
  readonly milliseconds: number;
}

function ask<T>(args: readonly string[]): Answer<T> {
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(KLEAK, [...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: LONGEST,
  });
  const milliseconds = performance.now() - start;
  if (status === null || status === 2) throw new Error(`kleak ${args.join(' ')}: ${stderr.slice(0, 500)}`);
  return { document: JSON.parse(stdout), milliseconds };
}

export const diagnose = (paths: readonly string[]): Answer<Diagnosis> => ask(['diagnose', ...paths]);
export const leaks = (dump: string): Answer<CoreLeaks> => ask(['core', 'leaks', dump]);
export const refcounts = (dump: string): Answer<CoreRefcounts> => ask(['core', 'refcounts', dump]);
export const refs = (dump: string, address: string): Answer<CoreRefs> => ask(['core', 'refs', dump, address]);
