import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, copySources } from '../testkit/packed.ts';
import { runCommand } from '../testkit/run-command.ts';

/** Builds kleak into a folder, as it is shipped, and gives its command. */
export async function buildKleak(folder: string): Promise<string> {
  copySources(folder);
  const { status, stderr } = await runCommand('npm', ['run', 'build'], { cwd: folder, env: cleanEnvironment() });
  if (status !== 0) throw new Error(`the build failed\n${stderr}`);
  return join(folder, 'bin/kleak');
}

/** On what was measured, how busy it was, and when. */
export function thisMachine(): string {
  const [cpu] = cpus();
  const load = (loadavg()[0] ?? 0).toFixed(1);
  const day = new Date().toISOString().slice(0, 10);
  return `${cpu?.model.trim() ?? ''}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}, load ${load}, ${day}`;
}

/** Bytes; 0 where the process is gone. */
export function memoryOf(pid: number, file: 'status' | 'smaps_rollup', name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readProc(`/proc/${pid}/${file}`))?.[1] ?? 0) * 1024;
}

/** Seconds of a processor so far, with what processes took that it started and that ended. */
export function cpuOf(pid: number): number {
  const [, rest = ''] = readProc(`/proc/${pid}/stat`).split(') ');
  const fields = rest.split(' ').map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / 100;
}

export function readProc(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
