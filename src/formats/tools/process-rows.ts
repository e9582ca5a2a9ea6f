import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import { readCount, readSize } from './size.ts';

/** One process in a tool's table. Sizes that the tool did not print are absent. */
export interface ProcessRow {
  readonly pid?: number;
  readonly name: string;
  readonly rss?: Bytes;
  readonly pss?: Bytes;
  readonly at: Provenance;
}
export interface ProcessRows {
  readonly processes: readonly ProcessRow[];
}

/** No host runs more; a longer table is damage. */
export const MOST_PROCESSES = 200_000;
const RSS = ['RSS', 'RES', 'RSZ', 'RSSIZE'];
const COMMAND = ['COMMAND', 'CMD', 'ARGS', 'COMM', 'UCMD'];

/** Reads a row under a header of one-word columns of which the last, the command, may hold blanks. Sizes are in KiB. */
export function readProcess(header: readonly string[], text: string, at: Provenance): ProcessRow | undefined {
  const cells = text.trim().split(/\s+/);
  const pid = readCount(cells[header.indexOf('PID')]);
  const command = cells.slice(header.findIndex((h) => COMMAND.includes(h))).join(' ');
  if (pid === undefined || cells.length < header.length || command === '') return undefined;
  const rss = readSize(cells[header.findIndex((h) => RSS.includes(h))], 1024);
  const pss = readSize(cells[header.indexOf('PSS')], 1024);
  return {
    pid,
    name: shortName(command),
    ...(rss === undefined ? {} : { rss }),
    ...(pss === undefined ? {} : { pss }),
    at,
  };
}

/** `/usr/sbin/sshd -D` is sshd, `{init} /bin/sh /init` is init, `sshd: root@pts/0` is sshd; kernel threads keep brackets. */
export function shortName(command: string): string {
  const braced = /^\{([^}]{1,64})\}/.exec(command)?.[1];
  if (braced !== undefined) return braced;
  if (command.startsWith('[')) return command.split(/\]/)[0]?.concat(']') ?? command;
  const first = (command.split(' ')[0] ?? '').replace(/:$/, '');
  return (first.startsWith('/') ? first.slice(first.lastIndexOf('/') + 1) : first) || command;
}

/** True for a header that `readProcess` can use. */
export const isProcessHeader = (header: readonly string[]): boolean =>
  header.includes('PID') && COMMAND.includes(header.at(-1) ?? '');
