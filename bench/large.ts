import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../testkit/manifest.ts';
import { measure, runOnce, type Command, type Measurement } from './measure.ts';

const RUNS = 3;
const GIBIBYTES = 64;

/** `core slabs` on a made-up dump of a large machine. */
export interface LargeFigures {
  /** RAM that the dump describes. */
  readonly ramBytes: number;
  /** Of the file. */
  readonly bytes: number;
  /** Objects that slabs have room for. */
  readonly objects: number;
  readonly measurement: Measurement;
}

/** Makes the dump with bench/large-dump.ts, and removes it. */
export async function measureLarge(
  kleak: (args: readonly string[], expected: readonly number[]) => Command,
  say: (what: string) => void,
): Promise<LargeFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-large-'));
  try {
    say(`making a dump of ${GIBIBYTES} GiB`);
    const args = ['--disable-warning=ExperimentalWarning', join(ROOT, 'bench/large-dump.ts'), `${GIBIBYTES}`, folder];
    const made: unknown = JSON.parse((await runOnce({ file: process.execPath, args, expected: [0] }, false)).stdout);
    if (!isMade(made)) throw new Error('bench/large-dump.ts did not say what it made');
    say('core slabs on it');
    const measurement = await measure(kleak(['core', 'slabs', made.path, '--json'], [0]), RUNS, { peak: true });
    const objects = [...measurement.stdout.matchAll(/"total": (\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    if (objects !== made.objects) throw new Error(`${objects} objects were found, and ${made.objects} made`);
    return { ramBytes: GIBIBYTES * 2 ** 30, bytes: made.bytes, objects, measurement };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isMade = (value: unknown): value is { readonly path: string; readonly bytes: number; readonly objects: number } =>
  typeof value === 'object' && value !== null && 'path' in value && 'bytes' in value && 'objects' in value;
