import type { Parsed, Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport } from './allocation-report.ts';
import { areaOf } from './area.ts';
import { readKmemleakLine, type KmemleakLine } from './kmemleak-line.ts';
import { StackFold, type StackEntry } from './stack-fold.ts';

const OBJECT = /unreferenced object(?: \(\w{1,16}\))? 0x[0-9a-f]{4,16} ?\(size/;
/** An entry whose first line was not copied. */
const BEHEADED =
  /^\s*(?:comm "[^"]{0,64}", pid -?\d+, jiffies \d|hex dump \(first \d+ bytes?\):\s*$|backtrace(?: \(crc [0-9a-f]{1,8}\))?:\s*$)/;
/** Lines that may stand before the first entry. */
const BEFORE = /BUG: memory leak\s*$|^\s*[([]?\d{1,9}\s{0,4}(?:occurr?[ea]nces?\b|times)/i;
const BLANKS = 6;
/** A report longer than this goes on as another block, at an entry's beginning. */
const LONGEST_CLAIM = 100_000;
/** `first 32 bytes`; of per-CPU objects 64. */
const HEX_ROWS = 4;

/**
 * The kernel's leak detector: `/sys/kernel/debug/kmemleak`, its verbose form in a log, and syzbot's decoded form.
 *
 * Written by mm/kmemleak.c, print_unreferenced(), since 2.6.31; docs/formats/kmemleak.md lists the five shapes.
 */
export const kmemleak: TextFormat<'kmemleak', AllocationReport> = {
  kind: 'kmemleak',
  looksFor: 'entries that begin with "unreferenced object 0xffff888104c3a000 (size 128):"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (OBJECT.test(first)) return claimEntries(lines, at);
    if (BEHEADED.test(first.slice(0, 200))) return claimBeheaded(lines, at);
    if (first.length > 200 || !BEFORE.test(first)) return 0;
    const next = nextFilled(lines, at + 1);
    const text = lines[next]?.text ?? '';
    if (OBJECT.test(text)) return claimEntries(lines, next) + next - at;
    const after = BEFORE.test(text.slice(0, 200)) ? nextFilled(lines, next + 1) : at;
    return OBJECT.test(lines[after]?.text ?? '') && after > at ? claimEntries(lines, after) + after - at : 0;
  },

  parse(lines, file): Parsed<AllocationReport> {
    const reader = new EntryReader(file);
    for (const line of lines) reader.read(line);
    return reader.finish(lines[0]?.number ?? 1);
  },
};

/** Only with its stack: the words before it stand in other reports too. */
function claimBeheaded(lines: readonly TextLine[], at: number): number {
  const length = claimEntries(lines, at);
  const kinds = lines.slice(at, at + Math.min(length, 40)).map(({ text }) => readKmemleakLine(text).kind);
  const traced = kinds.indexOf('backtrace');
  return traced >= 0 && kinds[traced + 1] === 'frame' ? length : 0;
}

function nextFilled(lines: readonly TextLine[], from: number): number {
  let at = from;
  while (at < from + BLANKS && lines[at]?.text.trim() === '') at++;
  return at;
}

/** Entries one after another; blank lines and what separates entries are bridged, other lines end the block. */
function claimEntries(lines: readonly TextLine[], at: number): number {
  let end = at;
  let blank = 0;
  for (let i = at; i < lines.length && blank <= BLANKS; i++) {
    const text = lines[i]?.text ?? '';
    const { kind } = text.trim() === '' ? { kind: 'blank' } : readKmemleakLine(text);
    if (kind === 'blank') blank++;
    else if (kind === 'foreign' || (kind === 'object' && i - at >= LONGEST_CLAIM)) break;
    else if (kind === 'between' || (kind === 'times' && blank > 0)) continue;
    else [end, blank] = [i + 1, 0];
  }
  return end - at;
}

interface Entry {
  readonly address: string;
  readonly type: string;
  readonly at: Provenance;
  size: number;
  count: number;
  comm: string | undefined;
  readonly hex: string[];
  readonly stack: string[];
  traced: boolean;
  torn: boolean;
}

/** Reads lines one by one; holds the one entry that is not complete yet. */
class EntryReader {
  readonly #file: string;
  readonly #fold = new StackFold();
  readonly #problems: Problem[] = [];
  #entry: Entry | undefined;
  #times = 1;
  #beheaded = false;

  constructor(file: string) {
    this.#file = file;
  }

  read(line: TextLine): void {
    const shape = line.text.trim() === '' ? undefined : readKmemleakLine(line.text);
    if (shape === undefined || shape.kind === 'between' || shape.kind === 'foreign') return;
    const at = { kind: 'line', file: this.#file, line: line.number } as const;
    if (shape.kind === 'object') this.#begin(shape, at);
    else if (shape.kind === 'times') this.#multiply(shape);
    else {
      if (!this.#entry && ['comm', 'hex-header', 'backtrace'].includes(shape.kind)) this.#beginBeheaded(at);
      if (this.#entry) this.#fill(this.#entry, shape, at);
    }
  }

  finish(firstLine: number): Parsed<AllocationReport> {
    const entry = this.#entry;
    const torn = entry !== undefined && (entry.stack.length === 0 || entry.torn);
    const short = entry !== undefined && this.#fold.addLast(this.#complete(entry));
    if (this.#fold.entries === 0)
      throw new FormatError('kmemleak', 'no entry can be read', { kind: 'line', file: this.#file, line: firstLine });
    const { entries } = this.#fold;
    const value = {
      detector: 'kmemleak',
      groups: this.#fold.groups(),
      entries,
      cut: torn || short || this.#beheaded,
    } as const;
    return { value, problems: this.#problems };
  }

  #beginBeheaded(at: Provenance): void {
    this.#beheaded = true;
    this.#begin({ kind: 'object', address: '', size: undefined, type: '' }, at);
  }

  #begin({ address, size, type }: Extract<KmemleakLine, { kind: 'object' }>, at: Provenance): void {
    if (this.#entry) this.#fold.add(this.#complete(this.#entry));
    const count = Math.max(1, this.#times);
    this.#times = 1;
    const blank = { comm: undefined, hex: [], stack: [], traced: false, torn: false };
    this.#entry = { address, size: size ?? NaN, type, at, count, ...blank };
  }

  /** Before an entry, or with a colon, it belongs to the entry that follows; else to the one before. */
  #multiply({ count, next }: Extract<KmemleakLine, { kind: 'times' }>): void {
    if (next || !this.#entry) this.#times = count;
    else this.#entry.count = Math.max(1, count);
  }

  #fill(entry: Entry, shape: KmemleakLine, at: Provenance): void {
    if (shape.kind === 'size') entry.size = Number.isNaN(entry.size) ? shape.size : entry.size;
    else if (shape.kind === 'comm') entry.comm = shape.comm;
    else if (shape.kind === 'more') entry.count += shape.count;
    else if (shape.kind === 'backtrace') entry.traced = true;
    else if (shape.kind === 'hex' && !entry.traced && entry.hex.length < HEX_ROWS) entry.hex.push(shape.text);
    else if (shape.kind === 'frame') entry.stack.push(shape.text);
    else if (shape.kind === 'frame-tail' && entry.stack.length > 0)
      entry.stack.push(`${entry.stack.pop() ?? ''} ${shape.text}`);
    else if (shape.kind === 'torn') this.#problems.push({ problem: 'kmemleak: torn line', at });
    entry.torn = shape.kind === 'torn';
  }

  #complete({ address, size, type, count, comm, hex, stack, at }: Entry): StackEntry {
    if (Number.isNaN(size)) this.#problems.push({ problem: 'kmemleak: an entry without size', at });
    const area = type === 'percpu' ? 'percpu' : type === 'phys' ? 'pages' : areaOf(stack, address, size);
    return {
      lines: stack,
      apart: area,
      count,
      bytes: size * count,
      ...(isQuantity(size) ? { objectSize: size } : {}),
      ...(comm === undefined ? {} : { process: comm }),
      ...(address === '' ? {} : { sample: address }),
      at,
      first: () => {
        const content = contentOf(hex);
        return content ? { area, content } : { area };
      },
    };
  }
}

/** `2f 00 61  /.a`: the bytes end where two blanks begin the characters. */
function contentOf(rows: readonly string[]): Uint8Array | undefined {
  const digits = rows.flatMap((row) => (row.split(/\s{2,}/, 1)[0] ?? '').split(' '));
  return digits.length > 0 ? Uint8Array.from(digits, (two) => Number.parseInt(two, 16)) : undefined;
}
