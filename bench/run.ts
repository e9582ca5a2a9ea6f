/**
 * Measures kleak as it is shipped: built into a folder of its own, each command run several times as a process. Writes
 * docs/benchmarks.md and prints its table. `npm run bench`; takes about three minutes and 1.5 GB below the temporary folder.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../testkit/manifest.ts';
import { cleanEnvironment, copySources } from '../testkit/packed.ts';
import { runCommand } from '../testkit/run-command.ts';
import { writeArchive, writeSeries } from './inputs.ts';
import { measure, type Command } from './measure.ts';
import { renderPage, type Row } from './page.ts';

const MB = 1e6;
const ARCHIVE_BYTES = 1000 * MB;
const SNAPSHOTS = 1000;
/** Quick commands are run often, since they vary most by share; the archive three times. */
const OFTEN = 21;
const SELDOM = 5;
const RARELY = 3;
/** Exit statuses that say that something was found. */
const FOUND = [1];
const LARGE = { milliseconds: 5000, peakBytes: 300 * MB };

const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-'));

async function build(): Promise<string> {
  const copy = join(folder, 'copy');
  copySources(copy);
  const { status, stdout, stderr } = await runCommand('npm', ['run', 'build'], { cwd: copy, env: cleanEnvironment() });
  if (status !== 0) throw new Error(`the build failed\n${stdout}\n${stderr}`);
  return copy;
}

async function measureAll(built: string): Promise<readonly Row[]> {
  const kleak = (args: readonly string[], expected: readonly number[]): Command => ({
    file: join(built, 'bin/kleak'),
    args,
    expected,
  });
  const main = join(built, 'dist/src/cli/main.js');
  const moment = join(ROOT, 'fixtures/captures/page-allocator-leak/end');
  const direct: Command = { file: process.execPath, args: [main, '--version'], expected: [0] };
  // The quick ones first: what is made for the others makes this process large, and a large one is slow to start others.
  const quick = [
    await row('`kleak --version`', kleak(['--version'], [0]), OFTEN, { milliseconds: 80 }),
    await row('`node dist/src/cli/main.js --version`', direct, OFTEN, { milliseconds: 80 }),
    await row('`kleak --help`', kleak(['--help'], [0]), OFTEN, {}),
    await row('one snapshot, `--json`', kleak(['diagnose', moment, '--json'], FOUND), OFTEN, { milliseconds: 300 }),
    await row('one snapshot, as text', kleak(['diagnose', moment], FOUND), OFTEN, { milliseconds: 300 }),
    await row('one snapshot, as HTML', kleak(['diagnose', moment, '--format', 'html'], FOUND), OFTEN, {}),
  ];
  say('a thousand snapshots');
  const series = join(folder, 'series');
  const folders = writeSeries(series, SNAPSHOTS);
  say('an archive of 1 GB');
  const archive = join(folder, 'osw.tar.gz');
  const text = await writeArchive(archive, ARCHIVE_BYTES);
  const packed = Math.round(statSync(archive).size / MB);
  return [
    ...quick,
    await row('1,000 snapshots, named one by one', kleak(['diagnose', ...folders, '--json'], FOUND), SELDOM, LARGE),
    await row('1,000 snapshots in one folder', kleak(['diagnose', series, '--json'], FOUND), SELDOM, LARGE),
    await row(
      `OSWatcher archive, .tar.gz of ${packed} MB, 1 GB of text`,
      kleak(['diagnose', archive, '--json'], FOUND),
      RARELY,
      { peakBytes: 300 * MB },
      text,
    ),
  ];
}

async function row(what: string, command: Command, times: number, target: Row['target'], text?: number): Promise<Row> {
  say(what);
  const measurement = await measure(command, times, { peak: times < OFTEN });
  if (times < OFTEN && !measurement.stdout.includes('"kmalloc-128"'))
    throw new Error(`${what}: the leak was not found`);
  return { what, target, measurement, ...(text === undefined ? {} : { textBytes: text }) };
}

function machine(): readonly string[] {
  const [first] = cpus();
  return [
    `${first?.model.trim() ?? 'processor not known'}, ${cpus().length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    new Date().toISOString().slice(0, 10),
  ];
}

/** Progress, on standard error so that standard output is the page. */
function say(what: string): void {
  process.stderr.write(`${what} …\n`);
}

try {
  const rows = await measureAll(await build());
  const page = renderPage(machine(), rows);
  writeFileSync(join(ROOT, 'docs/benchmarks.md'), page);
  process.stdout.write(page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
