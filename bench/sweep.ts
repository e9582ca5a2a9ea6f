/**
 * How fast memory is searched for references, by one thread and by two: `node bench/sweep.ts [--json] [DUMP…]`. Without dumps those
 * that KLEAK_BENCH_DUMP names are taken, several with `:` between. Each way is measured five times, in turn, in a process of
 * its own each time (as a command is), on files that are in the page cache; medians are printed. The two graphs have to be the
 * same.
 */
import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import { resourceUsage } from 'node:process';
import type { Graph } from '../src/analysis/reachability/build-graph.ts';
import type { EdgeStore } from '../src/analysis/reachability/edge-store.ts';
import { joinGraphs } from '../src/analysis/reachability/join-graphs.ts';
import { planFrames } from '../src/analysis/reachability/plan-frames.ts';
import { framesToRead, splitFrames } from '../src/analysis/reachability/split-frames.ts';
import { CoreSession } from '../src/pipeline/core/session.ts';
import { scanWithWorkers } from '../src/pipeline/workers/scan-with-workers.ts';
import { runOnce } from './measure.ts';

const TIMES = 5;
const MB = 1e6;

/** Of one pass: scan and join, without what comes before and behind. */
interface Sweep {
  readonly milliseconds: number;
  /** What was read of the dump, and what of that was looked at. */
  readonly bytes: number;
  readonly looked: number;
  readonly objects: number;
  readonly edges: number;
  readonly peakBytes: number;
  readonly graph: string;
}

async function compare(dump: string, asJson: boolean): Promise<void> {
  const [one, two]: [Sweep[], Sweep[]] = [[], []];
  for (let i = 0; i < TIMES; i++) {
    one.push(await sweepApart(dump, 0));
    two.push(await sweepApart(dump, 1));
  }
  const graphs = new Set([...one, ...two].map(({ graph }) => graph));
  const [a, b] = [median(one), median(two)];
  if (graphs.size > 1) process.exitCode = 1;
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ dump, one: a, two: b, same: graphs.size === 1 })}\n`);
    return;
  }
  const say = ({ milliseconds, bytes, looked, objects, edges, peakBytes }: Sweep): string =>
    [
      `${milliseconds.toFixed(0)} ms`,
      `${(bytes / MB / (milliseconds / 1000)).toFixed(0)} MB/s read (${(bytes / MB).toFixed(0)} MB)`,
      `${(looked / MB / (milliseconds / 1000)).toFixed(0)} MB/s looked at`,
      `${(objects / 1e6 / (milliseconds / 1000)).toFixed(2)} M objects/s (${objects})`,
      `${edges} edges`,
      `${(peakBytes / MB).toFixed(0)} MB`,
    ].join(', ');
  const [load = 0] = loadavg();
  process.stdout.write(
    `${dump}\n  one thread: ${say(a)}\n  two threads: ${say(b)}\n` +
      `  ${(a.milliseconds / b.milliseconds).toFixed(2)} × as fast, ${graphs.size === 1 ? 'the same graph' : 'ANOTHER GRAPH'}; ` +
      `medians of ${TIMES}, load ${load.toFixed(1)}\n`,
  );
}

async function sweepApart(dump: string, workers: number): Promise<Sweep> {
  const args = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning', import.meta.filename, '--once'];
  const { stdout } = await runOnce(
    { file: process.execPath, args: [...args, dump, `${workers}`], expected: [0] },
    false,
  );
  const sweep: unknown = JSON.parse(stdout);
  if (!isSweep(sweep)) throw new Error(`${dump}: ${stdout}`);
  return sweep;
}

const isSweep = (value: unknown): value is Sweep =>
  typeof value === 'object' && value !== null && 'milliseconds' in value && 'graph' in value;

function sweepOnce(path: string, workers: number): Sweep {
  const session = CoreSession.open(path);
  const { kernel, refinedPages, heap, users, dump } = session;
  const { space, frames } = planFrames(kernel, refinedPages, heap, { ...users, registers: [], stackPointers: [] });
  const start = performance.now();
  const bounds = splitFrames(space, frames);
  const parts = scanWithWorkers(dump.files, kernel.memory.physical, workers)(space, frames, bounds);
  const graph = joinGraphs(space, bounds, parts, () => undefined);
  const milliseconds = performance.now() - start;
  const peakBytes = resourceUsage().maxRSS * 1024;
  session.close();
  const { table } = space;
  return {
    milliseconds,
    bytes: framesToRead(frames) * space.pageSize,
    looked: graph.read.bytes,
    objects: table.objects - table.countFree(0, table.objects),
    edges: graph.targets.length + graph.rootTargets.length,
    peakBytes,
    graph: digest(graph),
  };
}

function digest(graph: Graph): string {
  const hash = createHash('sha256');
  const add = (store: EdgeStore): void => {
    for (const [i, piece] of store.pieces.entries()) hash.update(piece.subarray(0, store.length - i * piece.length));
  };
  hash.update(graph.starts).update(graph.baseWords).update(Float64Array.from(graph.rootPlaces));
  add(graph.targets);
  add(graph.rootTargets);
  return hash.digest('hex');
}

function median(sweeps: readonly Sweep[]): Sweep {
  const [middle] = sweeps.toSorted((a, b) => a.milliseconds - b.milliseconds).slice(Math.floor(sweeps.length / 2));
  if (!middle) throw new Error('nothing was measured');
  return middle;
}

const [first = '', second, ...more] = process.argv.slice(2);
if (first === '--once') process.stdout.write(JSON.stringify(sweepOnce(second ?? '', Number(more[0] ?? 0))));
else {
  const given = [first, second ?? '', ...more].filter((path) => path !== '' && path !== '--json');
  const dumps = given.length > 0 ? given : (process.env['KLEAK_BENCH_DUMP'] ?? '').split(':');
  for (const dump of dumps.filter((path) => path !== '')) await compare(dump, first === '--json');
}
