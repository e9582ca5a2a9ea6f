/**
 * `kleak serve` under load: `node bench/serve.ts [SECONDS [HOSTS [USERS [DAYS]]]]`, 600 s, 200 hosts that push every 10 s, 20 people
 * that read, on a database that holds DAYS (0) of samples already. Halfway it is killed with SIGKILL and started again. Prints how long pages
 * took, beside a server that says `ok` and nothing else, which shows what the machine adds; memory over time, and how many samples that were answered with `kept` are in the database at the end. Figures: docs/fleet.md.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, memoryOf, readProc, thisMachine } from './built.ts';
import { fillStore } from './serve-filled.ts';
import { ask, pushFor, readFor, type Pushes, type Reading } from './serve-load.ts';

const MIB = 2 ** 20;
/** Seconds that nobody answers, between the kill and the start. */
const DOWN = 2;
const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
const PASTED = Array.from(
  { length: 3 },
  () => 'MemTotal: 16384000 kB\nMemFree: 1000000 kB\nSUnreclaim: 9000000 kB\n',
).join('\n');

const [seconds = 600, hosts = 200, users = 20, days = 0] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-serve-'));
const memory: (readonly [second: number, bytes: number])[] = [];

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startServe(port: number): Promise<Served> {
  const args = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning', MAIN, 'serve'];
  const child = spawn(process.execPath, [...args, '--listen', `127.0.0.1:${port}`, '--data', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /http:\/\/\S+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`kleak serve ended: ${said}`)));
  });
  return { child, url };
}

/** A server of a process of its own that does nothing: what it takes longer is the machine's doing. */
async function startBare(): Promise<Served> {
  const script = `require('node:http').createServer((_, r) => r.end('ok')).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
  });
  return { child, url };
}

/** Seconds that a process' main thread ran, and waited for a processor. */
function scheduled(pid: number): readonly [ran: number, waited: number] {
  const [ran = 0, waited = 0] = readProc(`/proc/${pid}/schedstat`).split(' ').map(Number);
  return [ran / 1e9, waited / 1e9];
}

const ended = async (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve()),
  );

function lostOf(kept: readonly string[]): number {
  const database = new DatabaseSync(join(folder, 'server.db'), { readOnly: true });
  const find = database.prepare(
    'SELECT 1 AS here FROM samples s JOIN hosts h ON h.id = s.host WHERE h.name = ? AND s.at = ?',
  );
  const lost = kept.filter((one) => find.get(one.split(' ')[0] ?? '', Number(one.split(' ')[1])) === undefined).length;
  database.close();
  return lost;
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(0);
}

const spread = (values: readonly number[]): string =>
  `${values.length}, median ${quantile(values, 0.5)} ms, p95 ${quantile(values, 0.95)} ms, p99 ${quantile(values, 0.99)} ms, slowest ${quantile(values, 1)} ms`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  if (days > 0) say(`filled with ${fillStore(join(folder, 'server.db'), hosts, days)} samples`);
  let served = await startServe(0);
  const { url } = served;
  const began = Date.now();
  const until = began + seconds * 1000;
  const pushes: Pushes = { kept: [], took: [], failed: 0 };
  const reading: Reading = { took: new Map(), unanswered: 0, refused: new Map() };
  let cpu = 0;
  const bare = await startBare();
  const nothing: number[] = [];
  const control = setInterval(() => {
    void ask(bare.url, {}).then((answer) => answer && nothing.push(answer.milliseconds));
  }, 200);
  const watch = setInterval(() => {
    const { pid, exitCode, signalCode } = served.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    memory.push([(Date.now() - began) / 1000, memoryOf(pid, 'status', 'VmRSS')]);
  }, 1000);
  const paste = setInterval(() => {
    void ask(`${url}/paste`, { method: 'POST', localAddress: '127.2.0.1' }, `text=${encodeURIComponent(PASTED)}`);
  }, 30_000);
  const load = [
    ...Array.from({ length: hosts }, (_, i) => pushFor(url, i, until, pushes)),
    ...Array.from({ length: users }, (_, i) => readFor(url, i, hosts, until, reading)),
  ];
  await sleep((seconds * 1000) / 2);
  cpu += cpuOf(served.child.pid ?? 0);
  const killed = (Date.now() - began) / 1000;
  served.child.kill('SIGKILL');
  await ended(served.child);
  const before = pushes.kept.length;
  await sleep(DOWN * 1000);
  served = await startServe(Number(new URL(url).port));
  await Promise.all(load);
  clearInterval(watch);
  clearInterval(control);
  const [ran, waited] = scheduled(served.child.pid ?? 0);
  bare.child.kill();
  clearInterval(paste);
  cpu += cpuOf(served.child.pid ?? 0);
  served.child.kill('SIGTERM');
  await ended(served.child);

  const pages = [...reading.took.values()].flat();
  say(thisMachine());
  say(
    `${seconds} s, ${hosts} hosts, ${users} readers; killed after ${killed.toFixed(0)} s, away for ${DOWN} s and its start`,
  );
  say(`pages ${spread(pages)}`);
  for (const [kind, took] of reading.took) say(`  ${kind.padEnd(9)} ${spread(took)}`);
  say(`a server that says ok alone: ${spread(nothing)}`);
  say(
    `since its second start the main thread ran ${ran.toFixed(0)} s and waited ${waited.toFixed(0)} s for a processor`,
  );
  say(
    `pages without an answer ${reading.unanswered} (while it was away); refused ${JSON.stringify([...reading.refused])}`,
  );
  say(`pushes ${spread(pushes.took)}; failed and sent again ${pushes.failed}`);
  say(
    `samples answered with kept ${pushes.kept.length}, of them ${before} before the kill; lost ${lostOf(pushes.kept)}`,
  );
  const at = (second: number): string =>
    `${((memory.find(([when]) => when >= second)?.[1] ?? Number.NaN) / MIB).toFixed(0)}`;
  const half = seconds / 2;
  say(
    `resident: after ${Math.round(half / 5)} s ${at(half / 5)} MiB, before the kill ${at(half - 3)}; after the start ${at(half + DOWN + half / 5)}, at the end ${at(seconds - 3)} MiB; most ${(Math.max(...memory.map(([, bytes]) => bytes)) / MIB).toFixed(0)}`,
  );
  const minutes = Array.from({ length: Math.floor(seconds / 60) }, (_, i) => at(60 * (i + 1) - 3));
  say(`resident, minute by minute: ${minutes.join(' ')} MiB`);
  say(
    `CPU ${cpu.toFixed(0)} s (${((100 * cpu) / seconds).toFixed(0)} % of one); database ${(statSync(join(folder, 'server.db')).size / MIB).toFixed(0)} MiB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
