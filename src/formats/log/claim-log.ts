import { promptedCommand, type TextLine } from '../text/line.ts';
import { beginsForeign, continuesLog, isDaemonLine, isForeignRow, opensLog } from './line-shapes.ts';

/** Lines in a row that may be neither logged nor known before a block is taken to be over. */
const GAP = 3;
/** A memory cgroup's counters follow its headline, one per line: `anon 4096`. No more than this many. */
const CGROUP_ROWS = 80;
const CGROUP_HEAD = /^\s*Memory cgroup stats for /;
const CGROUP_ROW = /^\s*[a-z_0-9]+ \d+\s*$/;
/** A journal prints the second and later lines of one message without prefix, indented below the first. */
const INDENTED = /^\s{8,}\S/;

/** How many lines from `at` on are one stretch of kernel log; 0 where none begins. */
export function claimLog(lines: readonly TextLine[], at: number): number {
  const first = lines[at];
  if (!first || (first.logged !== true && !opensLog(first.text)) || beginsForeign(first.text)) return 0;
  const run: Run = { rowsLeft: 0, indentable: false };
  let end = at;
  let strange = 0;
  for (let i = at; i < lines.length && strange <= GAP; i++) {
    const line = lines[i];
    if (!line || ends(line)) break;
    if (belongs(line, run)) {
      end = i + 1;
      strange = 0;
    } else if (!isDaemonLine(line.text)) {
      strange++;
      run.indentable = false;
    }
  }
  return end - at;
}

/** What the lines so far allow the next one to be. */
interface Run {
  rowsLeft: number;
  indentable: boolean;
}

function belongs({ text, logged }: TextLine, run: Run): boolean {
  if (CGROUP_HEAD.test(text)) run.rowsLeft = CGROUP_ROWS;
  if (logged === true) run.indentable = true;
  return (
    logged === true ||
    continuesLog(text) ||
    (run.indentable && INDENTED.test(text)) ||
    (run.rowsLeft-- > 0 && CGROUP_ROW.test(text))
  );
}

function ends({ text, logged }: TextLine): boolean {
  if (beginsForeign(text)) return true;
  return logged !== true && !continuesLog(text) && (isForeignRow(text) || promptedCommand(text) !== undefined);
}
