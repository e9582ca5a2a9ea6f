import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { blockOf } from './commands.ts';
import { MOST_PROCESSES, shortName, type ProcessRow } from './process-rows.ts';
import { readSize } from './size.ts';

export interface SmemProcesses {
  readonly processes: readonly ProcessRow[];
  /** The line below the dashes, `smem -t`. */
  readonly total?: { readonly pss?: Bytes; readonly rss?: Bytes; readonly at: Provenance };
}

const HEADER = /^\s*PID\s+User\s+Command\s+(?:(?:Swap|USS|PSS|RSS|VSS)\s*){1,5}$/;
const ROW = /^\s*\d{1,9}\s+\S+\s+\S.*\s\d[\d.]*[BKMGT]?\s*$/;
const TOTAL = /^\s*(?:-{5,}|\d+\s+\d+\s+\d[\d.KMGT \t]*)$/;

/** `smem`: processes with their proportional set size, in KiB unless suffixed (`-k`). Written by smem, showpids(). */
export const smemProcesses: TextFormat<'smem-processes', SmemProcesses> = {
  kind: 'smem-processes',
  looksFor: 'the table of smem: "PID User     Command    Swap   USS   PSS   RSS"',
  many: false,

  claim(lines, at) {
    if (!HEADER.test(lines[at]?.text ?? '')) return 0;
    return blockOf(
      lines,
      at,
      (text) => isRow(text) || TOTAL.test(text) || HEADER.test(text),
      (text) => HEADER.test(text),
    );
  },

  parse(lines, file): Parsed<SmemProcesses> {
    const columns = (lines[0]?.text ?? '').trim().split(/\s+/).slice(3);
    const processes: ProcessRow[] = [];
    const problems: Problem[] = [];
    let total: SmemProcesses['total'];
    let dashes = false;
    for (const { text, number } of lines.slice(1)) {
      const at = { kind: 'line', file, line: number } as const;
      const cells = text.trim().split(/\s+/);
      const sizes = cells.slice(-columns.length).map((c) => readSize(c, 1024));
      const [pss, rss] = [sizes[columns.indexOf('PSS')], sizes[columns.indexOf('RSS')]];
      const known = { ...(pss === undefined ? {} : { pss }), ...(rss === undefined ? {} : { rss }), at };
      if (/^\s*-{5,}\s*$/.test(text)) dashes = true;
      else if (dashes && TOTAL.test(text)) total = known;
      else if (isRow(text) && cells.length >= 3 + columns.length && processes.length < MOST_PROCESSES) {
        processes.push({ pid: Number(cells[0]), name: shortName(cells.slice(2, -columns.length).join(' ')), ...known });
      } else if (text.trim() !== '') problems.push({ problem: 'smem: unreadable row', at });
    }
    return { value: { processes, ...(total ? { total } : {}) }, problems };
  },
};

const isRow = (text: string): boolean => text.length < 2_000 && ROW.test(text);
