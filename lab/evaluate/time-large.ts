import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../testkit/manifest.ts';
import * as kleak from './ask-kleak.ts';
import type { Measured } from './measure-guest.ts';
import { parseDocument } from './parse-document.ts';

/** What `kleak diagnose` took on one dump. */
export interface DiagnoseTime {
  readonly dump: string;
  readonly bytes: number;
  readonly objects?: number;
  readonly milliseconds: number;
  readonly peakBytes: number;
}

/** What `bench/sweep.ts --json` measures: one thread against two, medians of five. */
export interface SweepTimes {
  readonly one: SweepTime;
  readonly two: SweepTime;
  readonly same: boolean;
}
export interface SweepTime {
  readonly milliseconds: number;
  readonly looked: number;
  readonly objects: number;
}

/** Guests of generate.py with millions of objects are of kinds that begin so. */
export const isLarge = ({ guest }: Measured): boolean => guest.kind.startsWith('large-');

/** The guest of make-large.sh, in every container: 512 MiB, 460,000 objects. Empty where it was not made. */
export async function timeHalfGiga(lab: string): Promise<readonly DiagnoseTime[]> {
  const folder = join(lab, 'out/large');
  if (!existsSync(folder)) return [];
  const times: DiagnoseTime[] = [];
  for (const name of readdirSync(folder).filter((file) => /^vmcore\.(?:elf|raw|filtered)$/.test(file))) {
    const dump = join(folder, name);
    const { milliseconds, peakBytes } = await kleak.diagnose([dump]);
    times.push({ dump: name, bytes: statSync(dump).size, milliseconds, peakBytes });
  }
  return times;
}

/** The guests with millions of objects, smallest first, as the evaluation itself ran them. */
export const timeLarge = (measured: readonly Measured[]): readonly DiagnoseTime[] =>
  measured
    .filter(isLarge)
    .map(({ guest, sweep, milliseconds, peakBytes }) => ({
      dump: guest.name,
      bytes: statSync(guest.dump).size,
      objects: sweep.objects,
      milliseconds,
      peakBytes,
    }))
    .toSorted((a, b) => a.bytes - b.bytes);

/** On the largest of them. Undefined where none is there. */
export function timeSweep(measured: readonly Measured[]): SweepTimes | undefined {
  const largest = measured.filter(isLarge).toSorted((a, b) => b.sweep.objects - a.sweep.objects)[0];
  if (!largest) return undefined;
  const ran = spawnSync(process.execPath, [join(ROOT, 'bench/sweep.ts'), '--json', largest.guest.dump], {
    encoding: 'utf8',
  });
  return parseDocument<SweepTimes>(ran.stdout, 'same');
}
