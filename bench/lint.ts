/**
 * `kleak lint` against a bare parse of the same files: node bench/lint.ts PATH… [--jobs]
 *
 * Figures are seconds of CPU and of the clock, MB/s and kLoC/s. The bare parse is tree-sitter's alone, whole file after whole
 * file, in this process; kleak runs as it does from the command line. With --jobs two threads are compared with one.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { listSources } from '../src/sources/c/source-tree.ts';

interface Taken {
  readonly clock: number;
  readonly cpu: number;
}

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
const paths = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
if (paths.length === 0) throw new Error('usage: node bench/lint.ts PATH… [--jobs]');

const files = listSources(paths).entries.map(({ path }) => readFileSync(path, 'latin1'));
const bytes = files.reduce((sum, text) => sum + text.length, 0);
const lines = files.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
print(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} of them; Node ${process.version}`);
print(`${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${Math.round(lines / 1000)} kLoC`);

const bare = await parseAll();
report('bare parse', bare);
const one = lintAll(1);
report('kleak lint --jobs 1', one.taken);
print(
  `  ${((100 * bare.cpu) / one.taken.cpu).toFixed(0)} % of the throughput of the bare parse, by CPU; ${((100 * bare.clock) / one.taken.clock).toFixed(0)} % by the clock`,
);
print(
  `  ${one.findings} findings, ${((1000 * one.findings) / lines).toFixed(3)} per kLoC; ${Math.round(one.peak / 1024)} MiB at most`,
);
if (process.argv.includes('--jobs')) {
  const two = lintAll(2);
  report('kleak lint --jobs 2', two.taken);
  print(
    `  ${(one.taken.clock / two.taken.clock).toFixed(2)} times as fast as one; ${Math.round(two.peak / 1024)} MiB at most`,
  );
}

async function parseAll(): Promise<Taken> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(fileURLToPath(import.meta.resolve('tree-sitter-c/tree-sitter-c.wasm'))));
  return take(() => {
    for (const text of files) parser.parse(text)?.delete();
  });
}

function take(work: () => void): Taken {
  const [clock, cpu] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(cpu);
  return { clock: (performance.now() - clock) / 1000, cpu: (user + system) / 1e6 };
}

/** As from the command line, start included; memory as the system counts it. */
function lintAll(jobs: number): { readonly taken: Taken; readonly findings: number; readonly peak: number } {
  const started = performance.now();
  const script = `const { spawnSync } = require('node:child_process');
    const run = spawnSync(process.execPath, ${JSON.stringify([MAIN, 'lint', ...paths, '--json', '--jobs', String(jobs)])}, { maxBuffer: 2 ** 30, encoding: 'utf8' });
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const children = require('node:fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    process.stdout.write(JSON.stringify({ ticks: Number(children[13]) + Number(children[14]), findings: JSON.parse(run.stdout).findings.length }));`;
  const child = spawnSync('/usr/bin/time', ['-f', '%M', process.execPath, '-e', script], {
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  const clock = (performance.now() - started) / 1000;
  const said: unknown = JSON.parse(child.stdout);
  const number = (key: string): number => {
    const value: unknown =
      typeof said === 'object' && said !== null ? Object.entries(said).find(([name]) => name === key)?.[1] : undefined;
    return typeof value === 'number' ? value : Number.NaN;
  };
  return {
    taken: { clock, cpu: number('ticks') / 100 },
    findings: number('findings'),
    peak: Number(child.stderr.trim().split('\n').at(-1)),
  };
}

function report(what: string, { clock, cpu }: Taken): void {
  const rate = (seconds: number): string =>
    `${(bytes / 1e6 / seconds).toFixed(2)} MB/s, ${(lines / 1000 / seconds).toFixed(1)} kLoC/s`;
  print(`${what}: ${cpu.toFixed(1)} s of CPU (${rate(cpu)}), ${clock.toFixed(1)} s by the clock (${rate(clock)})`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
