/**
 * Measures kleak as it is shipped: built into a folder of its own, each command run several times as a process. Writes
 * docs/benchmarks.md and prints it. `npm run bench` measures all, `npm run bench -- text` and `npm run bench -- dumps` a part of
 * it. Takes some ten minutes and 1.5 GB below the temporary folder.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../testkit/manifest.ts';
import { cleanEnvironment, copySources } from '../testkit/packed.ts';
import { runCommand } from '../testkit/run-command.ts';
import { renderDumpPart } from './dump-page.ts';
import { measureDumps } from './dumps.ts';
import { writeArchive, writeSeries } from './inputs.ts';
import { measureLarge } from './large.ts';
import { measure, type Command } from './measure.ts';
import { renderPage, renderTextPart, type Part, type Row } from './page.ts';
import { findReferenceTools } from './reference-tools.ts';

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

async function build(): Promise<string> {
  const copy = join(folder, 'copy');
  copySources(copy);
  const { status, stdout, stderr } = await runCommand('npm', ['run', 'build'], { cwd: copy, env: cleanEnvironment() });
  if (status !== 0) throw new Error(`the build failed\n${stdout}\n${stderr}`);
  return copy;
}

type Kleak = (args: readonly string[], expected: readonly number[]) => Command;

async function measureText(built: string, kleak: Kleak): Promise<readonly Row[]> {
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

/** Load average of the minute before, from which on the page says that others were at work. */
const BUSY = 1;

function machine(): readonly string[] {
  const [first] = cpus();
  const [load = 0] = loadavg();
  return [
    `${first?.model.trim() ?? 'processor not known'}, ${cpus().length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    ...(load >= BUSY
      ? [`Load ${load.toFixed(1)} at the start: the machine had other work too, and times are longer for it`]
      : []),
    new Date().toISOString().slice(0, 10),
  ];
}

/** Progress, on standard error so that standard output is the page. */
function say(what: string): void {
  process.stderr.write(`${what} …\n`);
}

async function dumpPart(kleak: Kleak): Promise<string> {
  const about = machine();
  const tools = await findReferenceTools(process.env, say);
  if (tools.dumps === undefined) say(`SKIPPED, the dumps of the lab: ${tools.because ?? ''}`);
  const figures =
    tools.dumps === undefined ? (tools.because ?? '') : await measureDumps(kleak, tools.dumps, tools, say);
  return renderDumpPart(about, tools, figures, await measureLarge(kleak, say));
}

async function measureParts(wanted: string | undefined): Promise<ReadonlyMap<Part, string>> {
  const built = await build();
  const kleak: Kleak = (args, expected) => ({ file: join(built, 'bin/kleak'), args, expected });
  const parts = new Map<Part, string>();
  if (wanted !== 'dumps') parts.set('Text and archives', renderTextPart(machine(), await measureText(built, kleak)));
  if (wanted !== 'text') parts.set('Crash dumps', await dumpPart(kleak));
  return parts;
}

const [wanted, ...more] = process.argv.slice(2);
if ((wanted !== undefined && wanted !== 'text' && wanted !== 'dumps') || more.length > 0) {
  process.stderr.write('npm run bench, npm run bench -- text, or npm run bench -- dumps\n');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
try {
  const file = join(ROOT, 'docs/benchmarks.md');
  const page = renderPage(readFileSync(file, 'utf8'), await measureParts(wanted));
  writeFileSync(file, page);
  process.stdout.write(page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
