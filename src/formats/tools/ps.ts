import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf } from './commands.ts';
import { isProcessHeader, MOST_PROCESSES, readProcess, type ProcessRow, type ProcessRows } from './process-rows.ts';

/** Words in capitals, PID among them, a command column last: the header of any ps. */
const HEADER = /^\s*(?:[%A-Z][%A-Z+_]*\s+){0,24}(?:COMMAND|CMD|ARGS|COMM|UCMD)\s*$/;

/** The head of top, a label of another table: no user or number begins so. */
const FOREIGN = /^\s*(?:top - |[A-Z]\w*:\s)/;

/**
 * `ps aux`, `ps -ef`, `ps -eo …` and BusyBox ps, columns taken from the header. RSS and PSS are in KiB (BusyBox adds
 * `m` or `g`); without them it contributes nothing.
 */
export const ps: TextFormat<'ps', ProcessRows> = {
  kind: 'ps',
  looksFor: 'a header of ps with PID and COMMAND or CMD, and rows below',
  many: false,

  claim(lines, at) {
    const header = headerOf(lines[at]?.text ?? '');
    const pid = header?.indexOf('PID') ?? -1;
    if (!header || !lines.slice(at + 1, at + 4).some(({ text }) => isRow(text, header, pid))) return 0;
    return blockOf(
      lines,
      at,
      (text) => isRow(text, header, pid),
      (text) => headerOf(text) !== undefined || FOREIGN.test(text),
      3,
    );
  },

  parse(lines, file): Parsed<ProcessRows> {
    const header = headerOf(lines[0]?.text ?? '') ?? [];
    const processes: ProcessRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines.slice(1)) {
      const at = { kind: 'line', file, line: number } as const;
      const row = readProcess(header, text, at);
      if (row && processes.length < MOST_PROCESSES) processes.push(row);
      else if (text.trim() !== '' && problems.length < 20) problems.push({ problem: 'ps: unreadable row', at });
    }
    return { value: { processes }, problems };
  },
};

function headerOf(text: string): readonly string[] | undefined {
  if (text.length > 300 || !text.includes('PID') || !HEADER.test(text)) return undefined;
  const header = text.trim().split(/\s+/);
  // VIRT and RES are top's: its header stands inside its own block.
  return isProcessHeader(header) && !header.includes('VIRT') ? header : undefined;
}

function isRow(text: string, header: readonly string[], pid: number): boolean {
  const cells = text.trim().split(/\s+/, header.length);
  return cells.length >= header.length && /^\d{1,9}$/.test(cells[pid] ?? '');
}
