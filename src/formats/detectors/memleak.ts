import type { Parsed, Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationGroup, AllocationReport } from './allocation-report.ts';
import { areaOf } from './area.ts';
import { StackFold } from './stack-fold.ts';

/** `[11:00:13] Top 10 stacks with outstanding allocations:`; the last print of a traced module has no time. */
const ROUND = /^\s*(?:\[\d\d:\d\d:\d\d\] Top )?\d{1,6} stacks with outstanding allocations/;
const ENTRY = /^\s*(\d{1,18}) bytes in (\d{1,12}) allocations from stack\s*$/;
const BEFORE = /^\s*Attaching to kernel allocators, Ctrl\+C to quit/;
const BESIDE = /^\s*(?:addr = (?:0x)?[0-9a-f]+ size = \d+|\.\.\.|using (?:default object|page size): .{1,200}|)\s*$/;
/**
 * A frame: `bio_alloc+0x13f [kernel]` of the Python tool, `3 [<ffffffffa11d7c06>] idr_get_free+0x237` of the one in
 * libbpf-tools, `0xffffffe1294db528 [unknown]` where no symbol is known.
 */
const FRAME =
  /^\s*(?:\d{1,3} )?(?:\[<([0-9a-f]{8,16})>\]\s?|0x([0-9a-f]{8,16})\s+)?(?:([A-Za-z_.$][\w.$]{0,512})\+0x[0-9a-f]+)?(?:\s{0,8}\[([\w./ -]{1,200})\])?\s*$/;
const BLANKS = 3;
/** The frame of a program lies in a file, and its address in the lower half. */
const PROGRAM = /^0{0,4}[0-7]/;

/**
 * What `memleak` of the BPF tools prints while it traces the kernel's allocators: allocations since it was attached
 * that were not freed yet, by stack. It prints all anew every few seconds; the last round counts.
 *
 * Written by bcc's tools/memleak.py and libbpf-tools/memleak, 2016 and later. Stacks of programs (`-p`) are left out.
 */
export const memleak: TextFormat<'memleak', AllocationReport> = {
  kind: 'memleak',
  looksFor: '"[11:00:13] Top 10 stacks with outstanding allocations:" (memleak of bcc)',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (first.length > 300 || !(isHead(first) || ENTRY.test(first))) return 0;
    let end = at;
    let entries = 0;
    for (let i = at; i < lines.length && i - end <= BLANKS; i++) {
      const text = lines[i]?.text ?? '';
      const kind = kindOf(text);
      if (kind === 'foreign') break;
      entries += kind === 'entry' ? 1 : 0;
      if (kind !== 'beside') end = i + 1;
    }
    return entries > 0 ? end - at : 0;
  },

  parse(lines, file): Parsed<AllocationReport> {
    const problems: Problem[] = [];
    let fold = new StackFold();
    let entry: Entry | undefined;
    let programs = 0;
    const close = (): void => {
      if (entry && isKernel(entry)) add(fold, entry);
      else if (entry) programs++;
      entry = undefined;
    };
    for (const { text, number } of lines) {
      const [, size, count] = ENTRY.exec(text) ?? [];
      if (size !== undefined || ROUND.test(text)) close();
      if (ROUND.test(text)) fold = new StackFold();
      const at = { kind: 'line', file, line: number } as const;
      if (size !== undefined) entry = { bytes: Number(size), count: Number(count), at, frames: [] };
      else if (entry) entry.frames.push(...(readFrame(text) ?? []));
    }
    close();
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    if (programs > 0) problems.push({ problem: `memleak: left out stacks of programs: ${programs}`, at });
    if (fold.entries === 0) throw new FormatError('memleak', 'no stack of the kernel can be read', at);
    return { value: { detector: 'memleak', groups: fold.groups(), entries: fold.entries, cut: false }, problems };
  },
};

const isHead = (text: string): boolean => ROUND.test(text) || BEFORE.test(text);

function kindOf(text: string): 'head' | 'entry' | 'frame' | 'beside' | 'foreign' {
  if (text.length > 700) return 'foreign';
  if (ENTRY.test(text)) return 'entry';
  if (isHead(text)) return 'head';
  if (BESIDE.test(text)) return 'beside';
  return readFrame(text) === undefined ? 'foreign' : 'frame';
}

interface ReadFrame {
  /** As other detectors print it: `bio_alloc [xfs]`, `0xffffffe1294db528`. */
  readonly line: string;
  readonly kernel: boolean;
  readonly program: boolean;
}

interface Entry {
  readonly bytes: number;
  readonly count: number;
  readonly at: Provenance;
  readonly frames: ReadFrame[];
}

function readFrame(text: string): readonly ReadFrame[] | undefined {
  const [, bracketed, bare, symbol, where = ''] = FRAME.exec(text) ?? [];
  const address = bracketed ?? bare;
  if (symbol === undefined && address === undefined) return undefined;
  const name = symbol ?? `0x${address ?? ''}`;
  const module = /^(?!kernel$|unknown$)[\w-]+$/.test(where) ? ` [${where}]` : '';
  return [{ line: name + module, kernel: isOfKernel(where, address), program: isOfProgram(where, address) }];
}

const isOfKernel = (where: string, address = ''): boolean => where === 'kernel' || /^f{4}/.test(address);
const isOfProgram = (where: string, address = ''): boolean => where.includes('/') || PROGRAM.test(address);

const isKernel = ({ frames }: Entry): boolean => frames.some((f) => f.kernel) && !frames.every((f) => f.program);

/** Each stack begins with the allocator twice: the probe's own frame and the return address. */
function add(fold: StackFold, { bytes, count, at, frames }: Entry): void {
  const lines = frames.map((f) => f.line).filter((line, i, all) => line !== all[i - 1]);
  if (!isQuantity(bytes) || !isQuantity(count) || count === 0) return;
  const area = areaOf(lines, '0x0000', 0);
  fold.add({ lines, count, bytes, at, first: (): Pick<AllocationGroup, 'area'> => ({ area }) });
}
