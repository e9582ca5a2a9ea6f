import { spawnSync } from 'node:child_process';
import type { Measured } from './measure-guest.ts';

/** How long crash takes until it could answer, on the dump that times are measured with. */
export interface CrashTime {
  readonly guest: string;
  readonly milliseconds: number;
  readonly version: string;
}

/** The guests of this kind have 256 MiB and a dump that makedumpfile filtered. */
export const TIMING = 'timing';

/** Undefined where crash, the vmlinux with debug information, or such a dump is not there. */
export function timeCrash(lab: string, measured: readonly Measured[]): CrashTime | undefined {
  const guest = measured.find(({ guest: { kind } }) => kind === TIMING)?.guest;
  if (!guest) return undefined;
  const script = `. lab/packages.sh; printf '%s\\n%s\\n' "$LAB_CRASH" "$(lab_vmlinux 6.1)"; "$LAB_CRASH" --version`;
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, LAB_WORK: lab } });
  const [crash = '', vmlinux = '', ...said] = stdout.split('\n');
  const version = said.find((line) => line.startsWith('crash'));
  if (vmlinux === '' || version === undefined) return undefined;
  const start = performance.now();
  const ran = spawnSync(crash, ['-s', vmlinux, guest.dump], { input: 'quit\n', encoding: 'utf8' });
  return ran.status === 0 ? { guest: guest.name, milliseconds: performance.now() - start, version } : undefined;
}
