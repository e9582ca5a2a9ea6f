import type { Parsed } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { standsAlone } from './standing-alone.ts';

/** Which boot of a host this is. */
export interface BootId {
  /** A random UUID in lower case. Files of other UUIDs look alike: the file's name tells. */
  readonly id: string;
  readonly at: Provenance;
}

const ROW = /^\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/;

/**
 * `/proc/sys/kernel/random/boot_id`, where the line stands alone.
 *
 * Written by drivers/char/random.c, proc_do_uuid().
 */
export const bootId: TextFormat<'boot-id', BootId> = {
  kind: 'boot-id',
  looksFor: 'a lone UUID, as /proc/sys/kernel/random/boot_id has it',
  many: true,

  claim(lines, at) {
    return ROW.test(lines[at]?.text ?? '') && standsAlone(lines, at, /\/boot_id$/) ? 1 : 0;
  },

  parse(lines, file): Parsed<BootId> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const id = ROW.exec(lines[0]?.text ?? '')?.[1];
    if (id === undefined) throw new FormatError('boot-id', 'no UUID', at);
    return { value: { id, at }, problems: [] };
  },
};
