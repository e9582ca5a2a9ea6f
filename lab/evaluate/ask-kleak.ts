import { join } from 'node:path';
import type { CoreRefcounts } from '../../src/findings/core/core-holders.ts';
import type { CoreLeaks } from '../../src/findings/core/core-leaks.ts';
import type { CoreRefs } from '../../src/findings/core/core-refs.ts';
import type { Diagnosis } from '../../src/findings/diagnosis.ts';
import { runOnce } from '../../bench/measure.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { parseDocument } from './parse-document.ts';

/** What a command printed, and what it took, process start included. */
export interface Answer<T> {
  readonly document: T;
  readonly milliseconds: number;
  readonly peakBytes: number;
}

/** `key`: a field that tells the command's document from any other. */
async function ask<T>(args: readonly string[], key: string): Promise<Answer<T>> {
  const file = join(ROOT, 'bin/kleak');
  const run = await runOnce({ file, args: [...args, '--json'], expected: [0, 1, 3] }, true);
  return { document: parseDocument<T>(run.stdout, key), milliseconds: run.milliseconds, peakBytes: run.peakBytes ?? 0 };
}

export const diagnose = async (paths: readonly string[]): Promise<Answer<Diagnosis>> =>
  ask(['diagnose', ...paths], 'verdict');
export const leaks = async (dump: string): Promise<Answer<CoreLeaks>> => ask(['core', 'leaks', dump], 'groups');
export const refcounts = async (dump: string): Promise<Answer<CoreRefcounts>> =>
  ask(['core', 'refcounts', dump], 'types');
export const refs = async (dump: string, address: string): Promise<Answer<CoreRefs>> =>
  ask(['core', 'refs', dump, address], 'referrers');
