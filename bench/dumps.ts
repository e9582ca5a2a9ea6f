import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../testkit/manifest.ts';
import type { CensusCost } from './census.ts';
import { measure, runOnce, type Command, type Measurement } from './measure.ts';
import type { Row } from './page.ts';
import type { ReferenceTools } from './reference-tools.ts';

const MB = 1e6;
const OFTEN = 15;
const RARELY = 3;
const TARGET: Row['target'] = { milliseconds: 1500, peakBytes: 250 * MB };
/** The leak that the dump is about: it has to be found, else there is nothing to measure. */
const LEAKED = /^kmalloc-cg-32 +300000 /m;

/** `core slabs` on one container, and what others need for the same. */
export interface SlabsRow {
  readonly what: string;
  readonly measurement: Measurement;
  readonly target: Row['target'];
  /** Of their own run right behind it. */
  readonly crash?: Measurement;
  readonly drgn?: Measurement;
}

export interface DumpFigures {
  readonly slabs: readonly SlabsRow[];
  readonly census: readonly { readonly what: string; readonly cost: CensusCost }[];
  /** Milliseconds by step, on the raw dump; medians. */
  readonly opening: ReadonlyMap<string, number>;
  /** Of all objects, pages and symbols into SQLite. */
  readonly exported: Measurement;
}

const CONTAINERS = [
  ['vmcore.raw', 'kdump, uncompressed'],
  ['vmcore.elf', 'ELF'],
  ['vmcore.filtered', 'kdump, zlib, filtered (-d 31)'],
] as const;

/** `kleak` makes a command of arguments. `folder` holds the dumps of one guest. */
export async function measureDumps(
  kleak: (args: readonly string[], expected: readonly number[]) => Command,
  folder: string,
  tools: ReferenceTools,
  say: (what: string) => void,
): Promise<DumpFigures> {
  const temporary = mkdtempSync(join(tmpdir(), 'kleak-bench-dumps-'));
  try {
    const slabs: SlabsRow[] = [];
    for (const [file, what] of CONTAINERS) {
      const dump = join(folder, file);
      const size = Math.round(statSync(dump).size / MB);
      say(`core slabs, ${what}`);
      const measurement = await measure(kleak(['core', 'slabs', dump], [0]), OFTEN, { peak: true });
      if (!LEAKED.test(measurement.stdout)) throw new Error(`${dump}: the 300,000 leaked objects were not found`);
      const others = await measureOthers(dump, tools, temporary, say);
      slabs.push({ what: `${what}, ${size} MB`, measurement, target: TARGET, ...others });
    }
    say('the census');
    const census = [];
    for (const [file, what] of CONTAINERS) census.push({ what, cost: await costOfCensus(join(folder, file)) });
    say('the steps of opening');
    const opening = await stepsOf(join(folder, CONTAINERS[0][0]));
    say('core export');
    const args = ['core', 'export', join(folder, CONTAINERS[0][0]), '--force', '--sqlite', join(temporary, 'x.sqlite')];
    const exported = await measure(kleak(args, [0]), RARELY, { peak: true });
    return { slabs, census, opening, exported };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function measureOthers(
  dump: string,
  { crash, drgn, vmlinux = '' }: ReferenceTools,
  folder: string,
  say: (what: string) => void,
): Promise<Pick<SlabsRow, 'crash' | 'drgn'>> {
  const session = join(folder, 'session');
  writeFileSync(session, 'kmem -s\nquit\n');
  if (crash) say('crash, kmem -s');
  const byCrash = crash && {
    crash: await measure({ file: crash.command, args: ['-s', '-i', session, vmlinux, dump], expected: [0] }, RARELY, {
      peak: false,
    }),
  };
  if (drgn) say('drgn, all objects of all caches');
  const byDrgn = drgn && {
    drgn: await measure(
      { file: drgn.python, args: [join(ROOT, 'lab/drgn-objects.py'), dump, vmlinux], expected: [0] },
      1,
      { peak: false },
    ),
  };
  return { ...byCrash, ...byDrgn };
}

/** Node as bin/kleak starts it. */
const harness = (file: string, dump: string): Command => ({
  file: process.execPath,
  args: ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning', join(ROOT, 'bench', file), dump],
  expected: [0],
});

async function costOfCensus(dump: string): Promise<CensusCost> {
  const { stdout } = await runOnce(harness('census.ts', dump), false);
  const cost: unknown = JSON.parse(stdout);
  if (!isCost(cost)) throw new Error(`bench/census.ts printed ${stdout}`);
  return cost;
}

const isCost = (value: unknown): value is CensusCost =>
  typeof value === 'object' && value !== null && 'ramBytes' in value && 'censusMs' in value && 'pages' in value;

async function stepsOf(dump: string): Promise<ReadonlyMap<string, number>> {
  const runs: (readonly (readonly [string, number])[])[] = [];
  for (let i = 0; i < OFTEN; i++) {
    const parsed: unknown = JSON.parse((await runOnce(harness('opening.ts', dump), false)).stdout);
    runs.push(Object.entries(parsed ?? {}).map(([step, ms]) => [step, Number(ms)] as const));
  }
  const [first = []] = runs;
  return new Map(
    first.map(([step], i) => {
      const sorted = runs.map((run) => run[i]?.[1] ?? 0).toSorted((a, b) => a - b);
      return [step, sorted[Math.floor(sorted.length / 2)] ?? 0] as const;
    }),
  );
}
