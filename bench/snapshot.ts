/**
 * Measures `kleak snapshot` as it is shipped, on this host and on made-up large ones, and prints a table for
 * docs/snapshot.md. `node bench/snapshot.ts`; run as root, so that everything is read.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeHost } from '../testkit/host-tree.ts';
import { buildKleak, cpuOf, memoryOf, readProc, thisMachine } from './built.ts';

const RUNS = 5;
const MIB = 2 ** 20;

/** What one run came to; memory in bytes. */
interface Run {
  readonly milliseconds: number;
  readonly archive: number;
  /** Largest resident sets of kleak and of the process that reads for it. */
  readonly main: number;
  readonly reader: number;
  /** Largest sum of their proportional shares: what both add to a host. */
  readonly together: number;
  /** Milliseconds of processors that both took. */
  readonly cpu: number;
}

const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
try {
  const kleak = await buildKleak(join(folder, 'copy'));
  const large = writeLarge(join(folder, 'large'));
  const rows = [
    ['this host', []],
    ['this host, `--redact`', ['--redact']],
    ['this host, `.tar.zst`', ['.zst']],
    ['this host, `--kallsyms`', ['--kallsyms']],
    ['5,000 caches, 4,000 processes, 30 MB of vmallocinfo', ['--root', large]],
    ['the same, `--redact`', ['--root', large, '--redact']],
  ] as const;
  process.stdout.write(`${thisMachine()}; median of ${RUNS} runs (fastest – slowest)\n\n`);
  process.stdout.write(
    '| what | time | CPU | archive | kleak, peak | its reader, peak | together (PSS) |\n| --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const [what, options] of rows) {
    const runs: Run[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await once(kleak, options));
    process.stdout.write(`${row(what, runs)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function once(kleak: string, options: readonly string[]): Promise<Run> {
  const zst = options.includes('.zst');
  const file = join(folder, `out.tar.${zst ? 'zst' : 'gz'}`);
  rmSync(file, { force: true });
  const args = ['snapshot', '-o', file, ...options.filter((o) => o !== '.zst')];
  // Time and memory apart: looking at memory takes time.
  const started = performance.now();
  await ended(spawn(kleak, args, { stdio: 'ignore' }));
  const milliseconds = performance.now() - started;
  const archive = statSync(file).size;
  return { milliseconds, archive, ...(await watched(kleak, args)) };
}

async function watched(
  kleak: string,
  args: readonly string[],
): Promise<Pick<Run, 'main' | 'reader' | 'together' | 'cpu'>> {
  const child = spawn(kleak, args, { stdio: 'ignore' });
  const end = ended(child);
  let over = false;
  void end.then(() => (over = true));
  const peak = { main: 0, reader: 0, together: 0 };
  const taken = new Map<number, number>();
  while (!over && child.pid !== undefined) {
    const readers = childrenOf(child.pid);
    const main = memoryOf(child.pid, 'status', 'VmHWM');
    const own = memoryOf(child.pid, 'smaps_rollup', 'Pss');
    const shares = readers.map((pid) => memoryOf(pid, 'smaps_rollup', 'Pss'));
    peak.main = Math.max(peak.main, main);
    peak.reader = Math.max(peak.reader, ...readers.map((pid) => memoryOf(pid, 'status', 'VmHWM')));
    peak.together = Math.max(
      peak.together,
      shares.reduce((sum, one) => sum + one, own),
    );
    for (const pid of [child.pid, ...readers]) taken.set(pid, Math.max(taken.get(pid) ?? 0, cpuOf(pid)));
    await sleep(4);
  }
  await end;
  return { ...peak, cpu: [...taken.values()].reduce((sum, one) => sum + one, 0) * 1000 };
}

async function ended(child: ReturnType<typeof spawn>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}`))));
  });
}

function childrenOf(pid: number): readonly number[] {
  return readProc(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .map(Number)
    .filter((one) => one > 0);
}

function row(what: string, runs: readonly Run[]): string {
  const times = runs.map((r) => r.milliseconds).toSorted((a, b) => a - b);
  const cpu = runs.map((r) => r.cpu).toSorted((a, b) => a - b);
  const most = (of: (run: Run) => number): string => `${(Math.max(...runs.map(of)) / MIB).toFixed(1)} MiB`;
  const [first = 0, middle = 0, last = 0] = [times[0], times[times.length >> 1], times.at(-1)];
  return `| ${what} | ${seconds(middle)} (${seconds(first)} – ${seconds(last)}) | ${seconds(cpu[cpu.length >> 1] ?? 0)} | ${most((r) => r.archive)} | ${most((r) => r.main)} | ${most((r) => r.reader)} | ${most((r) => r.together)} |`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** A host with many caches and processes; the contents differ from line to line, so that they do not pack away. */
function writeLarge(root: string): string {
  writeHost(root);
  const status = readFileSync('/proc/self/status', 'latin1');
  const rollup = readFileSync('/proc/self/smaps_rollup', 'latin1');
  for (let pid = 1000; pid < 5000; pid++) {
    mkdirSync(join(root, 'proc', String(pid)));
    writeFileSync(join(root, `proc/${pid}/status`), status.replace(/^Pid:.*$/m, `Pid:\t${pid}`));
    writeFileSync(join(root, `proc/${pid}/smaps_rollup`), rollup.replace(/^Pss: .*$/m, `Pss: ${pid * 7} kB`));
  }
  const caches = Array.from({ length: 5000 }, (_, i) => {
    const slabs = (i * 7919) % 1000;
    return `cache-${i} ${slabs * 30} ${slabs * 32} 128 32 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`;
  });
  const head = readFileSync(join(root, 'proc/slabinfo'), 'latin1').split('\n').slice(0, 2).join('\n');
  writeFileSync(join(root, 'proc/slabinfo'), `${head}\n${caches.join('')}`);
  const area = (i: number): string => {
    const at = (BigInt(i) * 0x6000n + 0xffffc90000000000n).toString(16);
    return `0x${at}-0x${at} ${((i * 7919) % 64) * 4096} function_${(i * 31) % 4000}+0x${i.toString(16)}/0x1000 pages=${i % 64} vmalloc N0=${i % 64}\n`;
  };
  writeFileSync(join(root, 'proc/vmallocinfo'), Array.from({ length: 270_000 }, (_, i) => area(i)).join(''));
  return root;
}
