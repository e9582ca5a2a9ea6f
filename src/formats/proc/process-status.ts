import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';

/** One process. Kernel threads have no memory lines. */
export interface ProcessStatus {
  readonly name: string;
  readonly pid?: number;
  readonly parent?: number;
  readonly rss?: Bytes;
  /** Since 4.5, as the next two. */
  readonly anonymous?: Bytes;
  readonly files?: Bytes;
  readonly shmem?: Bytes;
  readonly swap?: Bytes;
  /** Page tables of the process. */
  readonly pageTables?: Bytes;
  readonly at: Provenance;
}

const NAME = /^\s*Name:\s+(\S.*)$/;
const SECOND = /^\s*(?:Umask|State|Tgid|Pid|PPid):\s/;
const FIELD = /^\s*([A-Za-z]\w*):(?:\s|$)/;
const AMOUNT = /^\s*(VmRSS|RssAnon|RssFile|RssShmem|VmSwap|VmPTE):\s+(\d+) kB\s*$/;
const NUMBER = /^\s*(Pid|PPid):\s+(\d+)\s*$/;
const WANTED = /^\s*(?:VmRSS|RssAnon|RssFile|RssShmem|VmSwap|VmPTE|Pid|PPid):/;
/** Fields of other files that often follow in one text: meminfo, smaps, the rows of a numastat. */
const FOREIGN = /^\s*(?:MemTotal|MemFree|Rss|Pss|Size|Node \d+ \w+):/;

/**
 * `/proc/PID/status`.
 *
 * Written by fs/proc/array.c, proc_pid_status(), and fs/proc/task_mmu.c, task_mem().
 */
export const processStatus: TextFormat<'process-status', ProcessStatus> = {
  kind: 'process-status',
  looksFor: 'a line "Name: bash" with "State: S (sleeping)" and "VmRSS: 1756 kB" below it',
  many: true,

  claim(lines, at) {
    if (!NAME.test(lines[at]?.text ?? '') || !lines.slice(at + 1, at + 3).some(({ text }) => SECOND.test(text)))
      return 0;
    let end = at + 1;
    for (let i = end; i < lines.length && i - end <= 1; i++) {
      const text = lines[i]?.text ?? '';
      if (text.trim() === '' || NAME.test(text) || FOREIGN.test(text)) break;
      if (FIELD.test(text)) end = i + 1;
    }
    return end - at;
  },

  parse(lines, file): Parsed<ProcessStatus> {
    const amounts = new Map<string, Bytes>();
    const numbers = new Map<string, number>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const [, amount = '', kilobytes] = AMOUNT.exec(text) ?? [];
      const [, name = '', digits] = NUMBER.exec(text) ?? [];
      const [kept, digit] = [Number(kilobytes) * 1024, Number(digits)].map(isQuantity);
      if (kept) amounts.set(amount, kibibytes(Number(kilobytes)));
      else if (digit) numbers.set(name, Number(digits));
      else if (WANTED.test(text))
        problems.push({ problem: 'process-status: unreadable line', at: { kind: 'line', file, line: number } });
    }
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    return { value: processOf(lines[0]?.text ?? '', amounts, numbers, at), problems };
  },
};

const AMOUNTS = {
  rss: 'VmRSS',
  anonymous: 'RssAnon',
  files: 'RssFile',
  shmem: 'RssShmem',
  swap: 'VmSwap',
  pageTables: 'VmPTE',
} as const;

function processOf(
  first: string,
  amounts: ReadonlyMap<string, Bytes>,
  numbers: ReadonlyMap<string, number>,
  at: Provenance,
): ProcessStatus {
  const held: { [K in keyof typeof AMOUNTS]?: Bytes } = {};
  for (const [key, field] of Object.entries(AMOUNTS)) {
    const amount = amounts.get(field);
    if (amount !== undefined) Object.assign(held, { [key]: amount });
  }
  const name = NAME.exec(first)?.[1]?.trim() ?? '';
  const pid = numbers.get('Pid');
  const parent = numbers.get('PPid');
  return { name, ...(pid === undefined ? {} : { pid }), ...(parent === undefined ? {} : { parent }), ...held, at };
}
