import type { Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { blockOf } from './commands.ts';
import { isProcessHeader, MOST_PROCESSES, readProcess, type ProcessRow } from './process-rows.ts';
import { quantity, readSize } from './size.ts';
import { readUptime } from './uptime.ts';

export interface Top {
  readonly amounts: Amounts;
  readonly processes: readonly ProcessRow[];
  readonly uptimeSeconds?: number;
}

const FIRST = /^\s*top - \d\d:\d\d:\d\d\s+up\s/;
const MEMORY = /^\s*(?:([KMGT]i?B)\s+)?(Mem|Swap)\s*:\s+\d[\d.,]*[kKmMgGt+]?i?\s*(?:total|used|free)\b/;
const OTHER = /^\s*(?:Tasks:\s+\d|Threads:\s+\d|%?Cpu\(?s?\)?|%Cpu\d|CPU:\s+\d|Load average:\s)/;
const HEADER = /^\s*PID\s+(?:USER|PPID)\s.*\b(?:COMMAND|CMD)\s*$/;
const ROW = /^\s*\d{1,9}\s+\S+\s+\S+/;
/** A number too wide for its column ends in `+` in place of the digits that did not fit, with no blank behind it. */
const PAIR =
  /(\d[\d.,]{0,18})([kKmMgGtT]?)i?(?:\s+|(\+)\s*)(total|free|used|buff\/cache|buffers|buff|cached|avail Mem|shrd)\b/g;
const NAMES: Readonly<Record<string, string>> = {
  'Mem total': 'MemTotal',
  'Mem free': 'MemFree',
  'Mem used': 'Used',
  'Mem buff/cache': 'BuffCache',
  'Mem buffers': 'Buffers',
  'Mem buff': 'Buffers',
  'Mem cached': 'Cached',
  'Mem shrd': 'Shmem',
  'Swap total': 'SwapTotal',
  'Swap free': 'SwapFree',
  'Swap cached': 'Cached',
  'Swap avail Mem': 'MemAvailable',
};

/**
 * One screen of `top -b`: its memory lines in any unit, and its table of processes.
 *
 * Written by procps src/top/top.c and BusyBox procps/top.c, whose `Mem:` line lacks the total: used and free make it.
 */
export const top: TextFormat<'top', Top> = {
  kind: 'top',
  looksFor: 'the head of top: "top - 11:28:15 up …", "KiB Mem : 16393164 total, …"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!FIRST.test(first) && !MEMORY.test(first) && !isTable(first)) return 0;
    let seen = false;
    return blockOf(
      lines,
      at,
      (text) =>
        ((seen = seen || isTable(text)) && (ROW.test(text) || isTable(text))) ||
        MEMORY.test(text) ||
        OTHER.test(text) ||
        FIRST.test(text),
      (text) => FIRST.test(text) || (seen && MEMORY.test(text)),
      2,
    );
  },

  parse(lines, file): Parsed<Top> {
    const collector = new AmountCollector();
    const processes: ProcessRow[] = [];
    let header: readonly string[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      if (MEMORY.test(text)) readMemory(text, at, collector);
      else if (isTable(text)) header = text.trim().split(/\s+/);
      else if (header.length > 0) {
        const row = readProcess(header, text, at);
        if (row && processes.length < MOST_PROCESSES) processes.push(row);
      }
    }
    const uptime = FIRST.test(lines[0]?.text ?? '')
      ? readUptime((lines[0]?.text ?? '').replace(/^\s*top - /, ''))
      : undefined;
    return {
      value: { amounts: collector.amounts, processes, ...(uptime === undefined ? {} : { uptimeSeconds: uptime }) },
      problems: [],
    };
  },
};

const isTable = (text: string): boolean =>
  text.length < 300 &&
  HEADER.test(text) &&
  /\bRES\b|\bVSZ\b/.test(text) &&
  isProcessHeader(text.trim().split(/\s+/)) &&
  !/\bRSS\b/.test(text);

function readMemory(text: string, at: Provenance, collector: AmountCollector): void {
  const [, prefix, which = ''] = MEMORY.exec(text) ?? [];
  const unit = readSize(`1${prefix ?? 'KiB'}`) ?? 1024;
  const found = [...text.matchAll(PAIR)].flatMap(([, digits = '', suffix = '', cut, label = '']) => {
    const size = readSize(digits + suffix, unit);
    return size === undefined ? [] : [{ label, size, cut: cut !== undefined }];
  });
  const scale = scaleOfCut(found);
  const read = new Map<string, Bytes>();
  for (const { label, size, cut } of found) {
    const whole = cut ? quantity(size * (scale ?? NaN)) : size;
    if (whole === undefined) continue;
    read.set(label, whole);
    collector.put(NAMES[`${which} ${label}`], whole, at);
  }
  const [used, unused] = [read.get('used'), read.get('free')];
  if (which === 'Mem' && !read.has('total') && used !== undefined && unused !== undefined) {
    collector.put('MemTotal', quantity(used + unused), at);
  }
}

interface Found {
  readonly label: string;
  readonly size: Bytes;
  readonly cut: boolean;
}

/**
 * How many times larger the numbers are whose last digits were cut (procps before 3.3.15, hosts of 100 GB and more):
 * the one power of ten for which the line adds up. Undefined where none does; what was cut is not known then.
 */
function scaleOfCut(found: readonly Found[]): number | undefined {
  const amount = (label: string, scale: number): number => {
    const one = found.find((f) => f.label === label);
    return one ? one.size * (one.cut ? scale : 1) : 0;
  };
  return [10, 100].find((scale) => {
    const total = amount('total', scale);
    const parts = ['used', 'free', 'buff/cache'].reduce((sum, label) => sum + amount(label, scale), 0);
    return total > 0 && Math.abs(total - parts) <= total * 0.01;
  });
}
