import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { guestScript, MARK, type Times } from './guest-script.ts';
import type { Scenario } from './scenarios.ts';

/** How one command in the guest ended. */
export interface Step {
  readonly status: number;
  /** Of guest time. */
  readonly seconds: number;
}

/** What a guest left. */
export interface GuestRun {
  readonly kernel: string;
  readonly release: string;
  readonly scenario: Scenario;
  readonly finished: boolean;
  readonly steps: ReadonlyMap<string, Step>;
  /** What a command wrote, by name; undefined where it wrote nothing. */
  text(name: string): string | undefined;
}

interface Lab {
  readonly work: string;
  readonly disk: string;
  readonly times: Times;
  /** Guests that a run before finished are not booted again. */
  readonly keep: boolean;
}

const MEBIBYTES = '1024';
/** Seconds of this machine's time until a guest must have ended. */
const PATIENCE = 2400;

/** Boots a guest with kleak on its disk, lets it run, and takes its answers off the other disk. */
export async function runGuest(kernel: string, scenario: Scenario, lab: Lab): Promise<GuestRun> {
  const name = `live-${kernel}-${scenario.name}`;
  const folder = join(lab.work, 'live', name);
  const log = join(lab.work, 'out', name, 'serial.log');
  const kept = lab.keep && existsSync(join(folder, 'finished'));
  if (!kept) await bootGuest(kernel, scenario, lab, folder);
  const text = (file: string): string | undefined => {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const steps = stepsIn(readFileSync(log, 'utf8'));
  return {
    kernel,
    release: releaseOf(text('diagnose.json')),
    scenario,
    finished: text('finished') !== undefined,
    steps,
    text,
  };
}

async function bootGuest(kernel: string, scenario: Scenario, { disk, times }: Lab, folder: string): Promise<void> {
  const name = basename(folder);
  const answers = `${folder}.ext4`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('truncate', ['-s', '96M', answers]);
  run('mke2fs', ['-q', '-t', 'ext4', '-F', answers]);
  const kmemleak = kernel === 'kmemleak';
  const boot = [
    join(import.meta.dirname, '../guest.py'),
    name,
    guestScript(scenario, kmemleak, times),
    '--kernel',
    kernel,
    `--mem=${MEBIBYTES}`,
    '--dump=none',
    `--timeout=${PATIENCE}`,
    `--disk=${disk}:ro`,
    `--disk=${answers}`,
    // A busy machine is late with the interrupts that the kernel checks its timer by.
    `--append=no_timer_check${kmemleak ? ' page_owner=on' : ''}`,
  ];
  const finished = (await ended('python3', boot)) === 0;
  run('debugfs', ['-R', `rdump / ${folder}`, answers]);
  rmSync(answers);
  if (finished) writeFileSync(join(folder, 'finished'), '');
}

function stepsIn(log: string): ReadonlyMap<string, Step> {
  const marks = log.matchAll(new RegExp(`^${MARK} (\\S+) (\\d+) (\\d+)`, 'gm'));
  return new Map(
    [...marks].map(([, name = '', status, seconds]) => [name, { status: Number(status), seconds: Number(seconds) }]),
  );
}

const releaseOf = (diagnosis: string | undefined): string => /"release": "([^"]+)"/.exec(diagnosis ?? '')?.[1] ?? '';

function ended(command: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject).on('close', resolve);
  });
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
}
