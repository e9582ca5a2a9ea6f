/**
 * `npm run test:lab`: boots guests on real kernels with kleak in them, lets them leak as in the field cases or work as healthy
 * hosts do, and holds what snapshot, record, trend, diagnose, trace and kmemleak say there against what the guests did. Writes
 * the result into docs/lab.md. Arguments choose guests by KERNEL or KERNEL-CASE; then nothing is written.
 *
 * Needs what lab/README.md says; the kernels are those of `lab/kernels.sh 6.1 6.12 kmemleak`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../testkit/manifest.ts';
import { judgeGuest } from './judge-live.ts';
import { makeDisk } from './make-disk.ts';
import { renderLab, type JudgedRun } from './render-lab.ts';
import { runGuest } from './run-guest.ts';
import { SCENARIOS } from './scenarios.ts';

const KERNELS = ['6.1', '6.12', 'kmemleak'];
const PAGE = join(ROOT, 'docs/lab.md');
const [BEGIN, END] = ['<!-- result -->', '<!-- end -->'];

const work = process.env['LAB_WORK'] ?? join(tmpdir(), 'kleak-lab');
const seconds = Number(process.env['LAB_SECONDS'] ?? 180);
const times = { watched: seconds, traced: Math.min(40, Math.round(seconds / 3)), interval: 2 };
const wanted = process.argv.slice(2);
const disk = join(work, 'live/kleak.ext4');

const keep = process.env['LAB_KEEP'] === '1';
if (!keep || !existsSync(disk)) makeDisk(disk);
const runs: JudgedRun[] = [];
for (const kernel of KERNELS) {
  for (const scenario of SCENARIOS) {
    const name = `${kernel}-${scenario.name}`;
    if (wanted.length > 0 && !wanted.includes(kernel) && !wanted.includes(name)) continue;
    const run = await runGuest(kernel, scenario, { work, disk, times, keep });
    const judged = judgeGuest(run);
    runs.push({ run, judged });
    for (const { what, right, said } of judged)
      process.stdout.write(`${name}  ${right ? 'right' : 'WRONG'}  ${what}: ${said.slice(0, 200)}\n`);
  }
}
const machine = `${cpus().length} CPUs, ${cpus()[0]?.model ?? 'unknown'}, guests under QEMU's emulation`;
const result = renderLab(runs, times, machine, new Date().toISOString().slice(0, 10));
if (wanted.length === 0) {
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(BEGIN);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${result}\n\n${END}${rest.split(END)[1] ?? '\n'}`);
} else process.stdout.write(`${result}\n`);
process.exitCode = runs.every(({ judged }) => judged.every(({ right }) => right)) ? 0 : 1;
