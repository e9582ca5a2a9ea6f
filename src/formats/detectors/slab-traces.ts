import type { Parsed, Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import { promptedCommand, type TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport } from './allocation-report.ts';
import { StackFold, type StackEntry } from './stack-fold.ts';
import { isStackLine } from './stack-line.ts';

/** `338 pci_alloc_dev+0x2c/0xa0 waste=521872/1544 age=290837/291891/293509 pid=1 cpus=106 nodes=0-1`. */
const ROW =
  /^\s*(\d{1,15}) ((?:[A-Za-z_.$][\w.$:~]{0,512}\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[[^\]]{1,120}\])?|0x[0-9a-f]{8,16}|<not-available>))(?: .{0,600})?$/;
const DETAILS = / (?:waste|age)=\d/;
/** SLAB's list of all caches, until 5.2: `size-512: 12 neigh_alloc+0x8c/0x130`. */
const SLAB_ROW =
  /^\s*([^\s:]{1,64}): (\d{1,15}) ([A-Za-z_.$][\w.$]{0,512}\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[[\w-]{1,80}\])?)\s*$/;
/** The file that is shown: name of the cache, kind of list. `grep -r` writes it before each row. */
const FILE = /([^\s/'"|;<>]{1,120})\/(alloc_traces|alloc_calls|free_traces|free_calls)(?=$|[\s:;|'"<>])/;
/** The same where the prompt shows the directory: `/sys/kernel/debug/slab/kmalloc-128 # cat alloc_traces`. */
const INSIDE = /([^\s/:@]{1,80}) ?[#$] +[^#$]{0,40}\b(alloc_traces|alloc_calls|free_traces|free_calls)\b/;
const GREPPED = /^\s*\S{0,200}\/(?:alloc_traces|alloc_calls):\s*(?=\d)/;
const GAP = 2;

/**
 * Who allocated the objects of one slab cache: `/sys/kernel/debug/slab/NAME/alloc_traces` (5.14 and later, newer
 * ones with stacks), `/sys/kernel/slab/NAME/alloc_calls` before; and SLAB's `/proc/slab_allocators` (until 5.2).
 *
 * Written by mm/slub.c, slab_debugfs_show() and list_locations(), where the cache is debugged with `slub_debug=U`.
 * The lists of where objects were freed, `free_traces` and `free_calls`, say nothing about who holds memory.
 */
export const slabTraces: TextFormat<'slab-traces', AllocationReport> = {
  kind: 'slab-traces',
  looksFor: 'rows such as "338 pci_alloc_dev+0x2c/0xa0 age=290837/291891/293509 pid=1 cpus=106"',
  many: true,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    if (isRow(text)) return claimRows(lines, at, at);
    if (fileIn(text) === undefined) return 0;
    const next = lines[at + 1]?.text.trim() === '' ? at + 2 : at + 1;
    return isRow(lines[next]?.text ?? '') ? claimRows(lines, at, next) : 0;
  },

  parse(lines, file): Parsed<AllocationReport> {
    const named = fileIn(lines[0]?.text ?? '') ?? FILE.exec(file);
    if (named?.[2]?.startsWith('free'))
      throw new FormatError('slab-traces', `${named[2]} lists where objects were freed, not who holds them`, {
        kind: 'line',
        file,
        line: lines[0]?.number ?? 1,
      });
    const reader = new TraceReader(file, named?.[1]);
    lines.forEach((line, index) => reader.read(line, index === 0 && !isRow(line.text)));
    return reader.finish();
  },
};

/** Prompts and headings that name the file of one cache. */
function fileIn(text: string): RegExpExecArray | undefined {
  if (text.length > 600) return undefined;
  const heading = /^\s*(?:==> )?(\/\S+?)(?: <==|:)?\s*$/.exec(text)?.[1];
  const command = promptedCommand(text);
  return FILE.exec(command ?? heading ?? '') ?? (command === undefined ? undefined : (INSIDE.exec(text) ?? undefined));
}

const isRow = (text: string): boolean =>
  text.length < 2_000 &&
  ((ROW.test(text) && DETAILS.test(text)) ||
    SLAB_ROW.test(text) ||
    (GREPPED.test(text) && ROW.test(text.replace(GREPPED, ''))));

function claimRows(lines: readonly TextLine[], at: number, first: number): number {
  let end = first;
  for (let i = first; i < lines.length && i - end <= GAP; i++) {
    const text = lines[i]?.text ?? '';
    if (fileIn(text) !== undefined) break;
    if (isRow(text) || /^\s*\d{1,15} <not-available>/.test(text) || isTraceLine(text)) end = i + 1;
  }
  return end - at;
}

/** Stacks are indented by eight; other reports' frames are not, or have addresses. */
const isTraceLine = (text: string): boolean => /^ {5,}\S|^\t/.test(text) && isStackLine(text.trim());

function readRow(text: string): { caller: string; count: number; cache: string | undefined } | undefined {
  if (text.length > 2_000) return undefined;
  const [, name, objects, caller] = SLAB_ROW.exec(text) ?? [];
  if (caller !== undefined) return { caller, count: Number(objects), cache: name };
  const prefix = GREPPED.exec(text)?.[0] ?? '';
  const row = ROW.exec(text.slice(prefix.length));
  return row ? { caller: row[2] ?? '', count: Number(row[1]), cache: FILE.exec(prefix)?.[1] } : undefined;
}

/** Reads lines one by one; holds the row whose stack may go on. */
class TraceReader {
  readonly #file: string;
  readonly #cache: string | undefined;
  readonly #fold = new StackFold();
  readonly #problems: Problem[] = [];
  #row: (StackEntry & { readonly lines: string[] }) | undefined;
  #unknown = 0;

  constructor(file: string, cache: string | undefined) {
    this.#file = file;
    this.#cache = cache;
  }

  read(line: TextLine, isHeading: boolean): void {
    const text = line.text.trim();
    const at = { kind: 'line', file: this.#file, line: line.number } as const;
    const row = readRow(line.text);
    if (row) this.#begin(row.caller, row.count, row.cache ?? this.#cache, at);
    else if (isStackLine(text)) this.#row?.lines.push(text);
    else if (text !== '' && !isHeading && text !== 'No data')
      this.#problems.push({ problem: 'slab-traces: unreadable row', at });
  }

  finish(): Parsed<AllocationReport> {
    this.#close();
    const groups = this.#fold.groups();
    const entries = this.#fold.entries + this.#unknown;
    return { value: { detector: 'slab-traces', groups, entries, cut: false }, problems: this.#problems };
  }

  #begin(caller: string, count: number, cache: string | undefined, at: StackEntry['at']): void {
    this.#close();
    // Objects that were allocated before the kernel kept track.
    if (caller === '<not-available>') this.#unknown += count;
    else if (count > 0)
      this.#row = {
        lines: [caller],
        apart: cache ?? '',
        count,
        bytes: NaN,
        at,
        first: () => (cache === undefined ? {} : { cache }),
      };
  }

  /** A stack repeats the caller, below the allocator's frames: it then stands for both. */
  #close(): void {
    const row = this.#row;
    this.#row = undefined;
    if (!row) return;
    const [caller = '', ...stack] = row.lines;
    this.#fold.add({ ...row, lines: stack.length > 0 ? stack : [caller] });
  }
}
