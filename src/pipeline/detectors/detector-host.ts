import { parseKernelConfig, type KernelConfig } from '../../formats/kernel-config.ts';
import type { Evidence, NextStep } from '../../findings/finding.ts';
import { InputError } from '../../sources/input-error.ts';
import type { KernelDetectors } from '../../sources/live/kernel-detectors.ts';

/** How the running kernel was built and booted, as far as it says. */
export interface KernelBuild {
  readonly config?: KernelConfig;
  readonly configFile?: string;
  /** Words of the command line. */
  readonly commandLine: readonly string[];
  /** What holds a locked-down kernel back: `integrity`, `confidentiality`; absent where it is not locked down. */
  readonly lockdown?: string;
  /** How this host's boot loader is told what to put on the command line. */
  readonly bootLoader: 'update-grub' | 'grubby' | 'unknown';
}

export async function readKernelBuild(detectors: KernelDetectors): Promise<KernelBuild> {
  const config = await detectors.config();
  const commandLine = await detectors.read('/proc/cmdline', 65_536);
  const lockdown = await detectors.read('/sys/kernel/security/lockdown', 4096);
  const locked = 'text' in lockdown ? /\[(\w+)\]/.exec(lockdown.text)?.[1] : undefined;
  return {
    ...(config ? { config: parseKernelConfig(config.text), configFile: config.file } : {}),
    commandLine: 'text' in commandLine ? commandLine.text.trim().split(/\s+/) : [],
    ...(locked === undefined || locked === 'none' ? {} : { lockdown: locked }),
    bootLoader:
      detectors.probe('/usr/sbin/update-grub') === ''
        ? 'update-grub'
        : detectors.probe('/usr/sbin/grubby') === ''
          ? 'grubby'
          : 'unknown',
  };
}

/** How to boot with one more word on the command line. */
export function bootWith({ bootLoader }: KernelBuild, parameter: string, why: string): NextStep {
  const commands = {
    'update-grub': `echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${parameter}"' >> /etc/default/grub.d/kleak.cfg && update-grub && reboot`,
    grubby: `grubby --update-kernel=ALL --args='${parameter}' && reboot`,
    unknown: `printf '%s\\n' '${parameter}'`,
  };
  const add =
    bootLoader === 'unknown' ? `add ${parameter} to the kernel's command line in the boot loader, then reboot; ` : '';
  return { command: commands[bootLoader], why: `${add}${why}`, risk: 'high' };
}

/** What the configuration says of an option, as evidence. */
export function configEvidence(
  { config, configFile = '' }: KernelBuild,
  ...names: readonly string[]
): readonly Evidence[] {
  return names.flatMap((name) => {
    const value = config?.get(name);
    if (config === undefined) return [];
    return [
      {
        text: value === undefined || value === 'n' ? `CONFIG_${name} is not set` : `CONFIG_${name}=${value}`,
        source: { kind: 'line', file: configFile, line: 1 } as const,
      },
    ];
  });
}

/** True or false where the configuration says; undefined where there is none. */
export const isBuilt = ({ config }: KernelBuild, name: string): boolean | undefined =>
  config === undefined ? undefined : config.get(name) === 'y';

/** Why a file of debugfs cannot be opened, and what to do; undefined where it can. */
export function whyClosed(
  detectors: KernelDetectors,
  path: string,
  { lockdown }: KernelBuild,
): { readonly because: string; readonly remedy: string } | undefined {
  const code = detectors.probe(path);
  if (code === '') return undefined;
  if (detectors.debugfs() === undefined)
    return { because: 'debugfs is not mounted', remedy: 'mount -t debugfs nodev /sys/kernel/debug' };
  if (code === 'EACCES' || code === 'EPERM') {
    if (process.getuid?.() !== 0) return { because: 'permission denied', remedy: 'run as root' };
    const why = lockdown === undefined ? 'permission denied, even to root' : `the kernel is locked down (${lockdown})`;
    return { because: why, remedy: 'boot without lockdown, or outside of a container' };
  }
  return { because: code === 'ENOENT' ? 'no such file' : code, remedy: 'see the status' };
}

const OPTIONS = { kmemleak: 'DEBUG_KMEMLEAK', 'page-owner': 'PAGE_OWNER' } as const;

/** Throws InputError, one line, where a file that a command needs cannot be opened. */
export async function mustOpen(detectors: KernelDetectors, path: string, command: keyof typeof OPTIONS): Promise<void> {
  const build = await readKernelBuild(detectors);
  const closed = whyClosed(detectors, path, build);
  if (!closed) return;
  if (isBuilt(build, OPTIONS[command]) === false)
    throw new InputError(
      path,
      `this kernel was built without it (CONFIG_${OPTIONS[command]})`,
      `kleak ${command} status says more`,
    );
  const remedy = closed.because === 'no such file' ? `kleak ${command} status says why` : closed.remedy;
  throw new InputError(path, closed.because, remedy);
}
