/**
 * Measures `kleak export` as it is shipped, on this host: what it holds and takes while it runs, and how long a scrape
 * waits. `node bench/export.ts [SECONDS]`; the figures stand in docs/export.md.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildKleak, cpuOf, memoryOf, thisMachine } from './built.ts';

const SETTLED = 20_000;
const SCRAPES = 50;

const seconds = Number(process.argv[2] ?? 600);
const folder = mkdtempSync(join(tmpdir(), 'kleak-bench-'));
try {
  const kleak = await buildKleak(join(folder, 'copy'));
  const child = spawn(kleak, ['export', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const found = /http:\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  const pid = child.pid ?? 0;
  await sleep(SETTLED);
  const before = cpuOf(pid);
  await sleep(seconds * 1000);
  const cpu = cpuOf(pid) - before;
  const waits: number[] = [];
  let text = '';
  for (let i = 0; i < SCRAPES; i++) {
    const started = performance.now();
    text = await (await fetch(url)).text();
    waits.push(performance.now() - started);
  }
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  waits.sort((a, b) => a - b);
  const mib = (name: string): string => `${(memoryOf(pid, 'status', name) / 2 ** 20).toFixed(0)} MiB`;
  process.stdout.write(
    `${thisMachine()}\n${seconds} s at the intervals it comes with: ${cpu.toFixed(2)} s of a CPU (${((100 * cpu) / seconds).toFixed(2)} %), resident ${mib('VmRSS')} (its own: ${mib('RssAnon')}, peak ${mib('VmHWM')})\n${series} series; a scrape waits ${(waits[SCRAPES >> 1] ?? 0).toFixed(1)} ms (median of ${SCRAPES}, slowest ${(waits.at(-1) ?? 0).toFixed(1)} ms)\n`,
  );
  child.kill('SIGTERM');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
