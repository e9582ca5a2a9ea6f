import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { seconds, type Seconds } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { standsAlone } from './standing-alone.ts';

/** Time since boot. */
export interface Uptime {
  readonly sinceBoot: Seconds;
  /** Idle time of all CPUs together. */
  readonly idle: Seconds;
  readonly at: Provenance;
}

const ROW = /^\s*(\d{1,12}\.\d\d) (\d{1,14}\.\d\d)\s*$/;

/**
 * `/proc/uptime`: two numbers of seconds on one line.
 *
 * Written by fs/proc/uptime.c, uptime_proc_show().
 */
export const uptime: TextFormat<'uptime', Uptime> = {
  kind: 'uptime',
  looksFor: 'a lone line of two numbers with two decimals, such as "1795.19 3498.65"',
  many: false,

  claim(lines, at) {
    return ROW.test(lines[at]?.text ?? '') && standsAlone(lines, at, /\/uptime\b/) ? 1 : 0;
  },

  parse(lines, file): Parsed<Uptime> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const [, sinceBoot, idle] = ROW.exec(lines[0]?.text ?? '') ?? [];
    if (sinceBoot === undefined) throw new FormatError('uptime', 'not two numbers', at);
    return { value: { sinceBoot: seconds(Number(sinceBoot)), idle: seconds(Number(idle)), at }, problems: [] };
  },
};
