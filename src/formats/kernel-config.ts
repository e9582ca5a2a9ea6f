/** Options of a kernel by name without CONFIG_: `y`, `m`, a number or a text; `n` for what is expressly not set. */
export type KernelConfig = ReadonlyMap<string, string>;

const SET = /^CONFIG_(\w{1,120})=(.{0,400})$/;
const UNSET = /^# CONFIG_(\w{1,120}) is not set$/;
const MOST = 50_000;

/**
 * A kernel's configuration: `/proc/config.gz` unpacked, `/boot/config-RELEASE`. Written by scripts/kconfig/confdata.c. Lines
 * that are neither an option nor a comment are passed over.
 */
export function parseKernelConfig(text: string): KernelConfig {
  const config = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (config.size >= MOST) break;
    const [, name, value = ''] = SET.exec(line) ?? [];
    const unset = UNSET.exec(line)?.[1];
    if (name !== undefined) config.set(name, value.replace(/^"(.*)"$/, '$1'));
    else if (unset !== undefined) config.set(unset, 'n');
  }
  return config;
}
