import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeArchive, writeSeries } from './inputs.ts';
import { measure, type Command, type Measurement } from './measure.ts';

/** What is measured, beside what it is to reach. */
interface Row {
  readonly what: string;
  readonly target: string;
  readonly result: Measurement;
  readonly met: boolean;
  readonly note?: string;
}

const MIB = 1024 * 1024;
const ROOT = join(import.meta.dirname, '..');
const ARCHIVE_BYTES = 1_000_000_000;

/** `npm run bench`: builds a copy, measures it, prints the table and writes it to docs/benchmarks.md. */
const work = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
try {
  const kleak = buildCopy(join(work, 'kleak'));
  const rows = await measureAll(kleak);
  const page = renderPage(rows);
  writeFileSync(join(ROOT, 'docs/benchmarks.md'), page);
  process.stdout.write(page);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What is shipped, built beside the checkout so that the checkout keeps running from source. Gives the launcher. */
function buildCopy(to: string): string {
  for (const part of ['src', 'bin', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(ROOT, part), join(to, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: to,
    stdio: 'inherit',
  });
  return join(to, 'bin/kleak');
}

async function measureAll(kleak: string): Promise<readonly Row[]> {
  const run = (args: readonly string[]): Command => ({ file: kleak, args, expected: [0, 1, 3] });
  const version = await measure(run(['--version']), 15, { peak: false });
  const one = await measure(run(['diagnose', join(ROOT, 'fixtures/captures/page-allocator-leak/end')]), 9, {
    peak: false,
  });
  const series = join(work, 'series');
  writeSeries(series, 1000);
  const thousand = await measure(run(['diagnose', series, '--json']), 3, { peak: true });
  const archive = join(work, 'oswatcher.tar.gz');
  const text = await writeArchive(archive, ARCHIVE_BYTES);
  const large = await measure(run(['diagnose', archive, '--json']), 2, { peak: true });
  return [
    { what: '`kleak --version`', target: '80 ms', result: version, met: version.medianMs <= 80 },
    { what: '`kleak diagnose` of one capture', target: '300 ms', result: one, met: one.medianMs <= 300 },
    {
      what: '`kleak diagnose` of 1,000 captures',
      target: '5 s, 300 MB',
      result: thousand,
      met: thousand.medianMs <= 5000 && (thousand.peakBytes ?? Infinity) <= 300e6,
    },
    {
      what: `\`kleak diagnose\` of an OSWatcher archive, ${(text / 1e9).toFixed(2)} GB of text`,
      target: '300 MB',
      result: large,
      met: (large.peakBytes ?? Infinity) <= 300e6,
      note: `${Math.round(text / 1e6 / (large.medianMs / 1000))} MB/s of text`,
    },
  ];
}

function renderPage(rows: readonly Row[]): string {
  const [cpu] = cpus();
  const machine = `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 / MIB)} GiB, Node ${process.version}`;
  const version = /"version": "([^"]+)"/.exec(readFileSync(join(ROOT, 'package.json'), 'utf8'))?.[1] ?? '';
  return [
    '# Benchmarks',
    '',
    `kleak ${version}, built, through \`bin/kleak\`; written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}.`,
    `Machine: ${machine}.`,
    '',
    '| what | to reach | median | fastest to slowest | peak memory | reached |',
    '| --- | --- | --: | --- | --: | --- |',
    ...rows.map(renderRow),
    '',
    'Times hold the whole run, process start included. Peak memory is VmHWM of the process. Machines are shared and noisy:',
    'compare figures of one run.',
    '',
  ].join('\n');
}

function renderRow({ what, target, result, met, note }: Row): string {
  const peak = result.peakBytes === undefined ? '' : `${Math.round(result.peakBytes / 1e6)} MB`;
  const range = `${spell(result.fastestMs)} to ${spell(result.slowestMs)}, ${result.runs} runs`;
  return `| ${what}${note === undefined ? '' : ` (${note})`} | ≤ ${target} | ${spell(result.medianMs)} | ${range} | ${peak} | ${met ? 'yes' : '**missed**'} |`;
}

function spell(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
