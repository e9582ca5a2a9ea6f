import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { standsAlone } from './standing-alone.ts';

/** What the kernel was booted with. */
export interface Cmdline {
  /** Parameters in their order, `name` or `name=value`. */
  readonly parameters: readonly string[];
  readonly at: Provenance;
}

const BEGINS = /^\s*(?:BOOT_IMAGE=|root=|ro |rw |console=|initrd=|coherent_pool=|quiet )/;
const TELLS = /(?:^|\s)(?:root|console|BOOT_IMAGE|init|rootfstype|ubi\.mtd)=/;

/**
 * `/proc/cmdline`, where the line stands alone.
 *
 * Written by fs/proc/cmdline.c, cmdline_proc_show().
 */
export const cmdline: TextFormat<'cmdline', Cmdline> = {
  kind: 'cmdline',
  looksFor: 'a lone line such as "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet"',
  many: false,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    return BEGINS.test(text) && TELLS.test(text) && standsAlone(lines, at, /\/cmdline\b/) ? 1 : 0;
  },

  parse(lines, file): Parsed<Cmdline> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const parameters = (lines[0]?.text ?? '').trim().split(/\s+/).filter(Boolean);
    if (parameters.length === 0) throw new FormatError('cmdline', 'empty', at);
    return { value: { parameters, at }, problems: [] };
  },
};
