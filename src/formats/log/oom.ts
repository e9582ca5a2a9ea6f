import { bytes, isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { MANUAL_KILL, OOM_OPENER, type Incident } from './incident.ts';
import type { CgroupLimit, KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';
import { readMemInfo } from './mem-info.ts';
import { releaseOf } from './release-line.ts';
import { stated } from './stated.ts';
import { readTasks } from './task-rows.ts';

type OutOfMemory = Extract<KernelEvent, { kind: 'out-of-memory' }>;

const ORDER = /\border[=:](-?\d{1,2})\b/;
/** `Out of memory: Killed process 955 (name) total-vm:…`, 2.6's `Killed process 1234, UID 500, (name) total-vm:…`. */
const KILLED = /\bKill(?:ed)? process (\d{1,10})(?:, UID \d+,)? \((.{1,64}?)\)(?=[\s,.:]|$)/;
const ANON_RSS = /\banon-rss:(\d{1,16})kB/;
const BY_CGROUP =
  /^\s*Memory cgroup (?:out of memory|stats for )|constraint=CONSTRAINT_MEMCG|killed as a result of limit of|mem_cgroup_out_of_memory\+/;
const BY_OPERATOR = /\bmoom_callback\b/;
const GLOBAL = /^\s*(?:Mem-[Ii]nfo:|Out of memory)|constraint=CONSTRAINT_(?:NONE|CPUSET|MEMORY_POLICY)/;
const CGROUP_PATH =
  /oom_memcg=([^,]{1,400})|killed as a result of limit of (\S{1,400})|^\s*Memory cgroup stats for ([^:]{1,400}):/;
const CGROUP_USE = /^\s*(memory|kmem): usage (\d{1,16})kB, limit (\d{1,19})kB/;

/** The event of an incident that is a kill, or a torn piece of a report; undefined where it is another's or says nothing. */
export function readOutOfMemory(incident: Incident, file: string): OutOfMemory | undefined {
  const [first] = incident.lines;
  if (!first || incident.opener === 'failure' || incident.opener === 'show') return undefined;
  const { report, pageSize } = readMemInfo(incident.lines, file);
  const tasks = readTasks(incident.lines, pageSize, file);
  const killed = killedOf(incident.lines);
  if (incident.opener === undefined && !report && tasks.length === 0 && !killed) return undefined;
  const opener = incident.lines.find(({ text }) => OOM_OPENER.test(text))?.text ?? '';
  const process = OOM_OPENER.exec(opener)?.[1];
  const order = ORDER.exec(opener)?.[1];
  const trigger = triggerOf(incident.lines, order);
  const release = incident.lines.map(({ text }) => releaseOf(text)).find((found) => found !== undefined);
  const cgroup = trigger === 'memory-cgroup' ? cgroupOf(incident.lines) : undefined;
  return stated({
    kind: 'out-of-memory' as const,
    ...eventAt(file, first),
    trigger,
    process,
    order: order === undefined ? undefined : Number(order),
    release,
    report,
    tasks,
    killed,
    cgroup,
  });
}

/** Order −1 is what SysRq-f asks for. Without order and without a line that says so, who asked is not known. */
function triggerOf(lines: readonly TextLine[], order: string | undefined): OutOfMemory['trigger'] {
  const says = (shape: RegExp): boolean => lines.some(({ text }) => shape.test(text));
  if (order === '-1' || says(BY_OPERATOR) || says(MANUAL_KILL)) return 'sysrq';
  if (says(BY_CGROUP)) return 'memory-cgroup';
  return order !== undefined && says(GLOBAL) ? 'allocation' : undefined;
}

function killedOf(lines: readonly TextLine[]): OutOfMemory['killed'] {
  // 2.6 and 3.x first name the process chosen, then the one killed, which may be its child.
  const line =
    lines.find(({ text }) => /\bKilled process /.test(text) && KILLED.test(text)) ??
    lines.find(({ text }) => KILLED.test(text));
  const [, pid, name] = KILLED.exec(line?.text ?? '') ?? [];
  if (name === undefined) return undefined;
  const kb = Number(ANON_RSS.exec(line?.text ?? '')?.[1]);
  return { pid: Number(pid), name, ...(isQuantity(kb * 1024) ? { anonRss: kibibytes(kb) } : {}) };
}

function cgroupOf(lines: readonly TextLine[]): CgroupLimit {
  let path: string | undefined;
  const use = new Map<string, Bytes>();
  for (const { text } of lines) {
    const [, ...paths] = CGROUP_PATH.exec(text) ?? [];
    path ??= paths.find((found) => found !== undefined);
    const [, what, usage, limit] = CGROUP_USE.exec(text) ?? [];
    if (isQuantity(Number(usage) * 1024)) use.set(what === 'kmem' ? 'kernel' : 'usage', bytes(Number(usage) * 1024));
    if (what === 'memory' && isQuantity(Number(limit) * 1024)) use.set('limit', bytes(Number(limit) * 1024));
  }
  return { ...(path === undefined ? {} : { path }), ...Object.fromEntries(use) };
}
