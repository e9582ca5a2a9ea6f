import type { Parsed, Problem } from '../../base/errors.ts';
import { FormatError } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport } from './allocation-report.ts';
import { pageAreaOf } from './area.ts';
import { StackFold } from './stack-fold.ts';
import { isStackLine, isTornStackLine } from './stack-line.ts';

/** Pages that one handle stands for. */
export interface HandlePages {
  readonly pages: number;
  readonly at: Provenance;
}

/** A report, and the halves of it that stand in a file of their own: the kernel names stacks by handles since 6.19. */
export interface PageOwnerStacks extends AllocationReport {
  /** Stacks without numbers, by handle (`show_stacks_handles`), as printed. */
  readonly stacks: ReadonlyMap<string, readonly string[]>;
  /** Numbers without stacks, by handle (`show_handles`). */
  readonly pages: ReadonlyMap<string, HandlePages>;
}

const PAGES = /^(?:nr_base_pages|stack_count):\s*(\d{1,15})(?:\s+curr_nr_base_pages:\s*(\d{1,15}))?$/;
const HANDLE = /^handle: ?(\d{1,12})$/;
/** Stacks have 16 frames at most; decoding adds inlined ones. */
const DEEPEST = 64;
const PAGE = 4096;
const BLANKS = 3;
const MARKED = /\+0x|^\s*(?:handle|nr_base_pages|stack_count):/;

/**
 * `/sys/kernel/debug/page_owner_stacks/show_stacks` (6.9 and later), `show_handles` and `show_stacks_handles` (6.19):
 * pages in use, summed up by the stack that allocated them. How many blocks they are is not told: `count` is in pages.
 *
 * Written by mm/page_owner.c, stack_print(); before 6.10 the number was called stack_count.
 */
export const pageOwnerStacks: TextFormat<'page_owner_stacks', PageOwnerStacks> = {
  kind: 'page_owner_stacks',
  looksFor: 'stacks that are followed by "nr_base_pages: 20824"',
  many: true,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    return MARKED.test(text.slice(0, 700)) && lines[at]?.logged !== true && endsInNumber(lines, at)
      ? claimRecords(lines, at)
      : 0;
  },

  parse(lines, file): Parsed<PageOwnerStacks> {
    const reader = new RecordReader(file);
    for (const line of lines) reader.read(line);
    return reader.finish(lines[0]?.number ?? 1);
  },
};

const isNumber = (line: string): boolean => PAGES.test(line) || HANDLE.test(line);

/** Stack lines are in many reports; here a number or a handle follows them. */
function endsInNumber(lines: readonly TextLine[], at: number): boolean {
  for (let i = at; i < at + DEEPEST; i++) {
    const line = (lines[i]?.text ?? '').trim();
    if (isNumber(line)) return true;
    if (!isStackLine(line)) return false;
  }
  return false;
}

function claimRecords(lines: readonly TextLine[], at: number): number {
  let end = at;
  for (let i = at; i < lines.length && i - end <= BLANKS; i++) {
    const line = (lines[i]?.text ?? '').trim();
    if (line === '') continue;
    if (!isNumber(line) && !isStackLine(line) && !isTornStackLine(line)) break;
    if (i > end && isStackLine(line) && i + DEEPEST < lines.length && !endsInNumber(lines, i)) break;
    end = i + 1;
  }
  return end - at;
}

/** Reads lines one by one; a record ends with its blank line, or where the next one's stack begins. */
class RecordReader {
  readonly #file: string;
  readonly #fold = new StackFold();
  readonly #problems: Problem[] = [];
  readonly #stacks = new Map<string, readonly string[]>();
  readonly #pages = new Map<string, HandlePages>();
  #stack: string[] = [];
  #handle: string | undefined;
  #number: HandlePages | undefined;
  #at: Provenance | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  read({ text, number }: TextLine): void {
    const line = text.trim();
    const at = { kind: 'line', file: this.#file, line: number } as const;
    const pages = PAGES.exec(line);
    if (line === '' || (isStackLine(line) && this.#begunNumber())) this.#close();
    if (line === '') return;
    this.#at ??= at;
    if (isStackLine(line)) this.#stack.push(line);
    else if (pages) this.#number = { pages: Number(pages[2] ?? pages[1]), at };
    else if (HANDLE.test(line)) this.#beginHandle(HANDLE.exec(line)?.[1] ?? '', at);
    else this.#problems.push({ problem: 'page_owner_stacks: unreadable line', at });
  }

  finish(firstLine: number): Parsed<PageOwnerStacks> {
    const cut = this.#stack.length > 0 && this.#number === undefined && this.#handle === undefined;
    this.#close();
    this.#joinHandles();
    if (this.#fold.entries === 0 && this.#stacks.size === 0 && this.#pages.size === 0)
      throw new FormatError('page_owner_stacks', 'no stack can be read', {
        kind: 'line',
        file: this.#file,
        line: firstLine,
      });
    const report = { detector: 'page_owner', groups: this.#fold.groups(), entries: this.#fold.entries, cut } as const;
    return { value: { ...report, stacks: this.#stacks, pages: this.#pages }, problems: this.#problems };
  }

  #begunNumber(): boolean {
    return this.#number !== undefined || this.#handle !== undefined;
  }

  #beginHandle(handle: string, at: Provenance): void {
    if (this.#begunNumber()) this.#close();
    this.#at ??= at;
    this.#handle = handle;
  }

  #close(): void {
    if (this.#number && this.#stack.length > 0) this.#add(this.#stack, this.#number, this.#handle, this.#at);
    else if (this.#number && this.#handle !== undefined) this.#pages.set(this.#handle, this.#number);
    else if (this.#handle !== undefined && this.#stack.length > 0) this.#stacks.set(this.#handle, this.#stack);
    this.#stack = [];
    this.#handle = this.#number = this.#at = undefined;
  }

  #joinHandles(): void {
    for (const [handle, number] of this.#pages) {
      const stack = this.#stacks.get(handle);
      if (!stack) continue;
      this.#add(stack, number, handle, undefined);
      this.#pages.delete(handle);
      this.#stacks.delete(handle);
    }
  }

  #add(
    stack: readonly string[],
    { pages, at }: HandlePages,
    handle: string | undefined,
    first: Provenance | undefined,
  ): void {
    if (isQuantity(pages * PAGE) && pages > 0) addPages(this.#fold, stack, pages, first ?? at, handle);
  }
}

/** Adds pages of one stack. Exported for handles and stacks that stand in different files. */
export function addPages(
  fold: StackFold,
  lines: readonly string[],
  count: number,
  at: Provenance,
  handle?: string,
): void {
  fold.add({
    lines,
    count,
    bytes: count * PAGE,
    ...(handle === undefined ? {} : { sample: `handle ${handle}` }),
    at,
    first: () => ({ area: pageAreaOf(lines) }),
  });
}
