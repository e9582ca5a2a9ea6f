import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../testkit/manifest.ts';
import { runCommand } from '../testkit/run-command.ts';

/** What the benchmarks of dumps need and take from the lab, as far as it is there. */
export interface ReferenceTools {
  /** Folder of vmcore.raw, vmcore.elf, vmcore.filtered: one moment of one guest. Absent: `because`. */
  readonly dumps?: string;
  readonly because?: string;
  /** vmlinux with debug information, which crash and drgn need. */
  readonly vmlinux?: string;
  readonly crash?: { readonly command: string; readonly version: string };
  readonly drgn?: { readonly python: string; readonly version: string };
}

/** The dumps of lab/make-large.sh are of this kernel of the lab. */
const KERNEL = '6.1';
const NEEDED = ['vmcore.raw', 'vmcore.elf', 'vmcore.filtered'];

/**
 * KLEAK_BENCH_DUMPS names the folder of the dumps, else they are looked for in LAB_WORK, and made there where that is set
 * and QEMU is installed: some minutes, and root for the packages. KLEAK_BENCH_VMLINUX names the vmlinux.
 */
export async function findReferenceTools(env: NodeJS.ProcessEnv, say: (what: string) => void): Promise<ReferenceTools> {
  const script = `. lab/packages.sh; printf '%s\\n' "$LAB_WORK" "$LAB_CRASH" "$LAB_DRGN_PYTHON" "$(lab_vmlinux ${KERNEL})"`;
  const { stdout } = await runCommand('bash', ['-c', script], { cwd: ROOT });
  const [work = '', crash = 'crash', python = 'python3', found = ''] = stdout.split('\n');
  const folder = env['KLEAK_BENCH_DUMPS'] ?? join(work, 'out/large');
  const because = await dumpsIn(folder, work, env, say);
  const vmlinux = env['KLEAK_BENCH_VMLINUX'] ?? found;
  const versions = {
    crash: await versionOf(crash, ['--version'], /^crash (\S+)/m),
    drgn: await versionOf(python, ['-c', 'import drgn; print("drgn", drgn.__version__)'], /^drgn (\S+)/m),
  };
  const hasTypes = vmlinux !== '' && existsSync(vmlinux);
  return {
    ...(because === undefined ? { dumps: folder } : { because }),
    ...(hasTypes ? { vmlinux } : {}),
    ...(hasTypes && versions.crash !== undefined ? { crash: { command: crash, version: versions.crash } } : {}),
    ...(hasTypes && versions.drgn !== undefined ? { drgn: { python, version: versions.drgn } } : {}),
  };
}

async function versionOf(command: string, args: readonly string[], pattern: RegExp): Promise<string | undefined> {
  const { stdout } = await runCommand(command, args);
  return pattern.exec(stdout)?.[1];
}

/** Why there are none; undefined where they are there. */
async function dumpsIn(
  folder: string,
  work: string,
  env: NodeJS.ProcessEnv,
  say: (what: string) => void,
): Promise<string | undefined> {
  const complete = (): boolean => NEEDED.every((name) => existsSync(join(folder, name)));
  if (complete()) return undefined;
  if (env['KLEAK_BENCH_DUMPS'] !== undefined) return `${folder} lacks one of ${NEEDED.join(', ')}`;
  if (env['LAB_WORK'] === undefined) return 'neither KLEAK_BENCH_DUMPS nor LAB_WORK says where its dumps are';
  if ((await versionOf('qemu-system-x86_64', ['--version'], /version (\S+)/)) === undefined)
    return 'there is no qemu-system-x86_64 to make them with';
  say('the dumps of lab/make-large.sh');
  const prepare = existsSync(join(work, 'kernels', KERNEL))
    ? ''
    : `lab/setup.sh ${KERNEL} - linux-image-cloud-amd64 &&`;
  const { stderr } = await runCommand('bash', ['-c', `${prepare} lab/make-large.sh`], { cwd: ROOT });
  return complete() ? undefined : `lab/make-large.sh failed: ${stderr.trim().split('\n').at(-1) ?? ''}`;
}
