import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport } from './allocation-report.ts';
import { areaOf } from './area.ts';
import { StackFold } from './stack-fold.ts';
import { isStackLine, isTornStackLine } from './stack-line.ts';

const ADDRESS =
  /(?:^|[\s,])Address: (0x[0-9a-f]{4,16}),? size: (\d{1,16}|unknown)[;,] stack trace of the allocation:\s*$/;
const PROCESS = /Process: (.{0,64}) \(PID: -?\d+\)/;
const MORE = /^\+(\d{1,12}) more allocation(?:\(s\)|s)? with the same call stack/;
const TOTALS =
  /^(?:kedr summary: ?)?(?:totals:|allocations: ?\d|possible (?:memory )?leaks:|unallocated frees:|target module: ")/i;
const OPENS = /^\s*(?:\[leak_check\] )?(?:kedr summary|Possible leaks: \d|Process: .{0,64} \(PID:|Address: 0x)/i;
const DEALLOCATION = /stack trace of the deallocation:\s*$/;
/** Lines looked through for the first address. */
const AHEAD = 12;
const GAP = 3;

/**
 * Reports of the LeakCheck plug-in of KEDR, a framework that watches one module at run time: `possible_leaks` and
 * `info` in `/sys/kernel/debug/kedr_leak_check`, or the same lines in the log.
 *
 * Written by KEDR's leak_check, kedr_lc_print_alloc_info().
 */
export const kedr: TextFormat<'kedr', AllocationReport> = {
  kind: 'kedr',
  looksFor: 'entries such as "Address: 0xffff880012345000, size: 64; stack trace of the allocation:"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (first.length > 1_000 || !OPENS.test(first)) return 0;
    const ahead = lines.slice(at, at + AHEAD);
    const found = ahead.findIndex(({ text }) => ADDRESS.test(text.slice(-600)));
    return found >= 0 && ahead.slice(0, found).every(({ text }) => belongs(clean(text))) ? claimEntries(lines, at) : 0;
  },

  parse(lines, file): Parsed<AllocationReport> {
    const fold = new StackFold();
    const problems: Problem[] = [];
    let entry: Entry | undefined;
    let process: string | undefined;
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const line = clean(text);
      process = PROCESS.exec(line)?.[1] ?? (line === '<IRQ>' ? undefined : process);
      const [, address, size] = ADDRESS.exec(line.slice(-600)) ?? [];
      if (address !== undefined) {
        if (entry) fold.add(close(entry));
        entry = { address, size: Number(size), process, at, count: 1, stack: [] };
        process = undefined;
      } else if (entry) {
        entry.count += Number(MORE.exec(line)?.[1] ?? 0);
        if (isStackLine(line)) entry.stack.push(line);
        else if (isTornStackLine(line)) problems.push({ problem: 'kedr: torn line', at });
      }
    }
    const cut = entry?.stack.length === 0;
    if (entry) fold.add(close(entry));
    return { value: { detector: 'kedr', groups: fold.groups(), entries: fold.entries, cut }, problems };
  },
};

interface Entry {
  readonly address: string;
  readonly size: number;
  readonly process: string | undefined;
  readonly at: Provenance;
  readonly stack: string[];
  count: number;
}

function close({ address, size, process, at, stack, count }: Entry): Parameters<StackFold['add']>[0] {
  const area = areaOf(stack, address, size);
  return {
    lines: stack,
    apart: area,
    count,
    bytes: size * count,
    ...(isQuantity(size) ? { objectSize: size } : {}),
    ...(process === undefined ? {} : { process }),
    sample: address,
    at,
    first: () => ({ area }),
  };
}

const clean = (text: string): string => text.replace(/^\s*\[leak_check\] ?/, '').trim();

const belongs = (line: string): boolean =>
  line === '' ||
  line === '<IRQ>' ||
  isStackLine(line) ||
  isTornStackLine(line) ||
  /^-{4,}$/.test(line) ||
  TOTALS.test(line) ||
  ADDRESS.test(line.slice(-600)) ||
  PROCESS.test(line.slice(0, 400)) ||
  MORE.test(line);

function claimEntries(lines: readonly TextLine[], at: number): number {
  let end = at;
  for (let i = at; i < lines.length && i - end <= GAP; i++) {
    const line = clean(lines[i]?.text ?? '');
    if (DEALLOCATION.test(line.slice(-60)) || (line !== '' && !belongs(line))) break;
    if (line !== '') end = i + 1;
  }
  return end - at;
}
