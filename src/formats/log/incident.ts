import type { TextLine } from '../text/line.ts';
import { readAllocationRow } from './allocation-rows.ts';
import { TASK_HEADER, TASK_ROW } from './line-shapes.ts';
import { lineAt } from './log-line.ts';
import { readMemInfoLine } from './mem-info-lines.ts';
import { readSlabRow } from './slab-rows.ts';

/** The lines of one report of the kernel about memory: a kill, a failed allocation, SysRq-m, or a piece of one. */
export interface Incident {
  /** Undefined where the beginning was cut off. */
  readonly opener?: 'oom' | 'failure' | 'show';
  readonly lines: readonly TextLine[];
}

export const OOM_OPENER: RegExp = /^\s*(?:(\S.{0,63}?) invoked )?oom-killer: gfp_mask=/;
export const FAILURE_OPENER: RegExp =
  /page allocation (?:failure|stalls)|vmalloc(?: size \d+)?:? allocation failure|vmalloc error: size \d|vmap allocation for size \d/;
const SHOW_OPENER = /^\s*sysrq ?: (?:HELP : )?Show Memory/i;
/** The operator's SysRq-f; the killer's own line follows. */
export const MANUAL_KILL: RegExp = /^\s*sysrq ?: Manual OOM execution/i;
export const KILL_LINE: RegExp = /(?:^|[\s:])(Kill|Killed) process (\d{1,10})\b/;
const GROUP_KILL = /are going to be killed due to memory\.oom\.group set/;
/** Lines of a report that may stand anywhere in it. */
const OTHER_PARTS =
  /^\s*(?:oom-kill:constraint=|Tasks state|Unreclaimable slab info|Memory allocations:|Task in |memory: usage |kmem: usage |swap: usage |Memory cgroup |\d{1,9}\*\d{1,9}kB\s)/;
/** So many foreign lines in a row end a report: call traces and other processors' lines may stand within one. */
const STRAY = 200;

interface Open {
  readonly opener: Incident['opener'];
  readonly lines: TextLine[];
  /** What a report has only once, and this one has had. */
  readonly had: Set<string>;
  stray: number;
}

/** Cuts a log into its memory reports. A part that comes twice begins the next report. */
export function findIncidents(lines: readonly TextLine[]): readonly Incident[] {
  const found: Open[] = [];
  let open: Open | undefined;
  for (const line of lines) {
    const opener = openerOf(line.text);
    const marks = opener ? [] : marksOf(line);
    const isPart = opener !== undefined || marks.length > 0 || partOf(line);
    if (isPart && !(open && joins(open, opener, marks))) {
      open = { opener, lines: [], had: new Set(), stray: 0 };
      found.push(open);
    }
    if (open && !add(open, line, marks, isPart)) open = undefined;
  }
  return found.map(({ opener, lines: held }) => ({ ...(opener ? { opener } : {}), lines: held }));
}

function joins(open: Open, opener: Incident['opener'], marks: readonly string[]): boolean {
  return opener === undefined ? !repeats(open, marks) : opener === 'oom' && isManual(open);
}

/** False once the report is over. */
function add(open: Open, line: TextLine, marks: readonly string[], isPart: boolean): boolean {
  open.lines.push(line);
  for (const mark of marks) open.had.add(mark);
  if (GROUP_KILL.test(line.text)) open.had.add('group');
  open.stray = isPart ? 0 : open.stray + 1;
  return open.stray <= STRAY;
}

function openerOf(text: string): Incident['opener'] {
  if (OOM_OPENER.test(text) || MANUAL_KILL.test(text)) return 'oom';
  if (FAILURE_OPENER.test(text)) return 'failure';
  return SHOW_OPENER.test(text) ? 'show' : undefined;
}

const isManual = (open: Open): boolean => MANUAL_KILL.test(open.lines[0]?.text ?? '') && open.lines.length < 10;

/** What of a report's unique parts a line is. */
function marksOf(line: TextLine): readonly string[] {
  const read = readMemInfoLine(line.text, lineAt('', line));
  switch (read?.part) {
    case 'head':
      return ['head'];
    case 'pages':
      return [...read.fields.keys()];
    case 'total':
    case 'swap':
      return [read.what];
    case 'node':
    case 'zone':
    case 'reserve':
    case 'free-list':
    case 'huge':
    case undefined:
  }
  if (TASK_HEADER.test(line.text)) return ['tasks'];
  const kill = KILL_LINE.exec(line.text)?.[1];
  return kill === undefined ? [] : [kill];
}

function partOf(line: TextLine): boolean {
  const at = lineAt('', line);
  return (
    readMemInfoLine(line.text, at) !== undefined ||
    TASK_ROW.test(line.text) ||
    OTHER_PARTS.test(line.text) ||
    readSlabRow(line.text, at) !== undefined ||
    readAllocationRow(line.text, at) !== undefined
  );
}

/** True where the open report has had one of these. A group kill names many processes. */
function repeats(open: Open, marks: readonly string[]): boolean {
  return marks.some((mark) => open.had.has(mark) && !(open.had.has('group') && mark.startsWith('Kill')));
}
