import type { Parsed, Problem } from '../../base/errors.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import type { VersionRow, Versions } from './versions.ts';

const VERSION = /^\s*\/sys\/module\/([\w-]{1,64})\/version:\s*(\S.{0,120}?)\s*$/;
const DRIVER = /^\s*\/sys\/class\/net\/[^\s/]{1,32}\/device\/driver -> (?:\S{0,300}\/)?([\w.-]{1,64})\s*$/;
const BEGINS = /^\s*\/sys\/(?:module\/[\w-]{1,64}\/version:|class\/net\/[^\s/]{1,32}\/device\/driver -> )/;

/**
 * Versions that modules state of themselves, as `grep . /sys/module/*\/version` lists them, and the drivers of network
 * interfaces, as `/sys/class/net/NAME/device/driver` points to them. Drivers of the kernel's own tree state none: their
 * version is the kernel's, and '' here.
 *
 * Written by kernel/module/main.c (MODULE_VERSION) and drivers/base/dd.c, driver_sysfs_add().
 */
export const driverVersions: TextFormat<'driver-versions', Versions> = {
  kind: 'driver-versions',
  looksFor: 'lines such as "/sys/module/i40e/version:2.3.6" and "/sys/class/net/eth0/device/driver -> …/i40e"',
  many: true,

  claim(lines, at) {
    const belongs = (text: string): boolean => BEGINS.test(text);
    return belongs(lines[at]?.text ?? '') ? runOf(lines, at, belongs) : 0;
  },

  parse(lines, file): Parsed<Versions> {
    const programs = new Map<string, VersionRow>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, stated, its = ''] = VERSION.exec(text) ?? [];
      const name = stated ?? DRIVER.exec(text)?.[1];
      if (name === undefined) problems.push({ problem: 'driver-versions: unreadable line', at });
      else if (!programs.has(name)) programs.set(name, { kind: 'module', name, version: its, at });
    }
    return { value: { programs: [...programs.values()] }, problems };
  },
};
