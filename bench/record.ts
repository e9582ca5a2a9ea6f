/**
 * What `kleak record` costs: CPU time a sample, memory, bytes a day. Prints the table of docs/record.md.
 *
 *   node bench/record.ts [SAMPLES]
 *
 * CPU time and memory are those of real recorders of this host, from the source and built, with their children; the
 * interval is short so that it does not take a day, and what it finds is scaled to ten seconds. Bytes a day: a day of
 * samples of a made host with 300 caches, written as the recorder writes them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bytes, seconds } from '../src/base/units.ts';
import type { Sample } from '../src/model/sample.ts';
import { SampleStore } from '../src/sources/store/sample-store.ts';
import { seededRandom } from '../testkit/seeded-random.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const samples = Math.max(30, Number(process.argv[2] ?? 60));
const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** What /proc says of one process: seconds of CPU (its ended children included), bytes resident now and at most. */
function usage(pid: number): { readonly cpu: number; readonly rss: number; readonly peak: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11)
    .map(Number);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kib = (name: string): number => Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return { cpu: (user + system + childUser + childSystem) / ticks, rss: kib('VmRSS'), peak: kib('VmHWM') };
}

/** A recorder of this host: what a sample costs once it runs, and what it holds then. */
async function measureRecorder(main: string, interval: number): Promise<void> {
  const file = join(folder, `${main.endsWith('.ts') ? 'source' : 'built'}-${interval}.db`);
  // As bin/kleak starts it.
  const flags = ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];
  const args = [...flags, main, 'record', '--verbose', '--db', file, '--interval', `${interval}ms`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = createInterface({ input: child.stdout });
  const pid = child.pid ?? 0;
  const warm = 10;
  let seen = 0;
  let before = { cpu: 0, rss: 0, peak: 0 };
  for await (const _ of reader) {
    seen++;
    if (seen === warm) before = usage(pid);
    if (seen === warm + samples) break;
  }
  const after = usage(pid);
  child.kill('SIGTERM');
  await once(child, 'close');
  const perSample = (after.cpu - before.cpu) / samples;
  const share = (perSample / 10) * 100;
  print(
    `| ${main.endsWith('.ts') ? 'from the source' : 'built'}, ${samples} samples ${interval / 1000} s apart | ${(perSample * 1000).toFixed(1)} ms | ${share.toFixed(3)} % | ${(after.rss / 2 ** 20).toFixed(0)} MiB | ${(after.peak / 2 ** 20).toFixed(0)} MiB |`,
  );
}

/** What is built, in a folder of its own. */
function build(): string {
  const out = join(folder, 'dist');
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', out], { stdio: 'pipe' });
  } catch {
    // Types may be in flux elsewhere; what is emitted runs.
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"name": "kleak", "version": "0.0.0", "type": "module"}');
  return join(out, 'src/cli/main.js');
}

/** Of a host with 300 caches of which a third change from one sample to the next, as on a busy one. */
function* madeDay(): Generator<Sample> {
  const random = seededRandom(1);
  const caches = Array.from({ length: 300 }, (_, i) => ({
    name: `cache_of_some_length_${i}`,
    pages: Math.floor(64 * 4096 ** random()),
    perPage: 1 + Math.floor(random() * 60),
  }));
  const buckets = [
    'free',
    'per-cpu-lists',
    'processes',
    'shmem',
    'page-cache',
    'slab-reclaimable',
    'slab-unreclaimable',
    'vmalloc',
    'kernel-stack',
    'page-tables',
    'percpu',
    'other-kernel',
  ];
  const held = buckets.map(() => Math.floor(2 ** (20 + random() * 14)));
  for (let i = 0; i < 8640; i++) {
    for (const cache of caches) if (random() < 0.33) cache.pages += Math.round((random() - 0.5) * cache.pages * 0.05);
    for (const b of held.keys()) held[b] = Math.max(0, (held[b] ?? 0) + Math.round((random() - 0.5) * 2000) * 1024);
    yield {
      at: 1_800_000_000_000 + i * 10_000,
      boot: '7016fedf-a875-4572-a2c6-6544b9a4ec86',
      uptime: seconds(i * 10),
      totalBytes: bytes(128 * 2 ** 30),
      buckets: new Map(buckets.map((name, b) => [name, bytes(held[b] ?? 0)])),
      unexplained: bytes(Math.floor(random() * 2 ** 30)),
      available: bytes(Math.floor(random() * 2 ** 36)),
      caches: caches.map(({ name, pages, perPage }) => ({
        name,
        bytes: bytes(pages * 4096),
        objects: pages * perPage,
      })),
      processes:
        i % 60 === 0
          ? Array.from({ length: 16 }, (_, pid) => ({ pid: 1000 + pid, name: `process ${pid}`, pss: bytes(2 ** 28) }))
          : [],
    };
  }
}

function measureDay(): void {
  const file = join(folder, 'day.db');
  const store = new SampleStore(file, 'record');
  const start = performance.now();
  let before = process.cpuUsage();
  let cpu = 0;
  for (const sample of madeDay()) {
    before = process.cpuUsage();
    store.append(sample);
    const spent = process.cpuUsage(before);
    cpu += (spent.user + spent.system) / 1000;
  }
  const wal = statSync(`${file}-wal`).size;
  store.close();
  const size = statSync(file).size;
  print('');
  print(
    `a day of 8,640 samples of 300 caches: ${(size / 2 ** 20).toFixed(1)} MiB, and ${(wal / 2 ** 20).toFixed(1)} MiB of journal while it is written; ${(cpu / 8640).toFixed(2)} ms of CPU to write one (${((performance.now() - start) / 1000).toFixed(0)} s in all)`,
  );
}

try {
  print(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, Node ${process.version}`);
  print('');
  print('| recorder | CPU a sample | of one CPU at 10 s | resident | at most |');
  print('| --- | ---: | ---: | ---: | ---: |');
  const built = build();
  for (const main of [built, join(ROOT, 'src/cli/main.ts')]) await measureRecorder(main, 200);
  await measureRecorder(built, 2000);
  measureDay();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
