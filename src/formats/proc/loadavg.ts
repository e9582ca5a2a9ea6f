import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { TextFormat } from '../text/text-format.ts';
import { standsAlone } from './standing-alone.ts';

/** Load averages over 1, 5 and 15 minutes, and the number of tasks. */
export interface Loadavg {
  readonly averages: readonly [number, number, number];
  readonly tasks: number;
  readonly at: Provenance;
}

const ROW = /^\s*(\d{1,9}\.\d\d) (\d{1,9}\.\d\d) (\d{1,9}\.\d\d) \d{1,9}\/(\d{1,9}) \d{1,10}\s*$/;

/**
 * `/proc/loadavg`. It says nothing about memory; it is known so that nobody is told that it could not be read.
 *
 * Written by fs/proc/loadavg.c, loadavg_proc_show().
 */
export const loadavg: TextFormat<'loadavg', Loadavg> = {
  kind: 'loadavg',
  looksFor: 'a lone line such as "0.65 0.27 0.10 3/102 10220"',
  many: false,

  claim(lines, at) {
    return ROW.test(lines[at]?.text ?? '') && standsAlone(lines, at, /\/loadavg\b/) ? 1 : 0;
  },

  parse(lines, file): Parsed<Loadavg> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const [, one, five, fifteen, tasks] = ROW.exec(lines[0]?.text ?? '') ?? [];
    if (one === undefined) throw new FormatError('loadavg', 'not a load average', at);
    return {
      value: { averages: [Number(one), Number(five), Number(fifteen)], tasks: Number(tasks), at },
      problems: [],
    };
  },
};
