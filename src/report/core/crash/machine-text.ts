import { spellMoment } from '../../../base/spelling.ts';
import type { ShellArea, ShellModule, ShellMount, ShellSystem } from '../../../findings/core/shell-machine.ts';
import { escapeTerminal } from '../../escape.ts';
import { spellSize } from './usage-text.ts';

const MOUNTS = '     MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME\n';
const AREAS = '   VMAP_AREA         VM_STRUCT                 ADDRESS RANGE                SIZE\n';
const NOWHERE = ' '.repeat(16);

export const renderMounts = (mounts: readonly ShellMount[]): readonly string[] => [
  MOUNTS,
  ...mounts.map(({ mount, superblock, type, device, directory }) => {
    const [kind, from] = [escapeTerminal(type).padEnd(6), escapeTerminal(device).padEnd(9)];
    return `${mount} ${superblock} ${kind} ${from} ${escapeTerminal(directory)}\n`;
  }),
];

export function renderModules(modules: readonly ShellModule[]): readonly string[] {
  const names = modules.map(({ name }) => escapeTerminal(name));
  const width = Math.max(4, ...names.map((name) => name.length));
  const digits = Math.max(6, ...modules.map(({ sizeBytes }) => String(sizeBytes).length));
  const head = `     MODULE       ${'NAME'.padEnd(width)}        BASE      ${'SIZE'.padStart(digits)}  USED  TAINT\n`;
  const rows = modules.map(({ module, base, sizeBytes, references, taints }, i) => {
    const size = String(sizeBytes).padStart(digits);
    const used = String(references ?? '-').padStart(4);
    return `${`${module}  ${(names[i] ?? '').padEnd(width)}  ${base}  ${size}  ${used}  ${taints}`.trimEnd()}\n`;
  });
  return [head, ...rows];
}

export function* renderAreas(areas: Iterable<ShellArea>): Generator<string> {
  yield AREAS;
  for (const { area, descriptor, start, end, size } of areas)
    yield `${area ?? NOWHERE}  ${descriptor ?? NOWHERE}  ${start} - ${end}${String(size).padStart(9)}\n`;
}

export function renderCounters(counters: readonly (readonly [string, number])[]): readonly string[] {
  const width = Math.max(0, ...counters.map(([name]) => name.length)) + 2;
  return counters.map(([name, count]) => `${escapeTerminal(name).padStart(width)}: ${count}\n`);
}

export function renderSystem(system: ShellSystem): readonly string[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['KERNEL', system.kernel],
    ['DUMPFILE', system.dump],
    ['CPUS', String(system.cpus)],
    ['DATE', system.date === undefined ? undefined : spellMoment(Date.parse(system.date) / 1000)],
    ['UPTIME', system.uptimeSeconds === undefined ? undefined : spellUptime(system.uptimeSeconds)],
    ['LOAD AVERAGE', system.loadAverage?.map((load) => load.toFixed(2)).join(', ')],
    ['TASKS', String(system.tasks)],
    ['NODENAME', system.node],
    ['RELEASE', system.release],
    ['VERSION', system.version],
    ['MACHINE', system.machine],
    ['MEMORY', spellSize(system.memoryBytes)],
    ['PANIC', `"${system.panic ?? ''}"`],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padStart(12)}: ${escapeTerminal(value)}\n`],
  );
}

/** `00:12:34`, `3 days, 00:12:34`. */
function spellUptime(seconds: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = [two((seconds % 86_400) / 3600), two((seconds % 3600) / 60), two(seconds % 60)].join(':');
  return days > 0 ? `${days} ${days === 1 ? 'day' : 'days'}, ${clock}` : clock;
}
