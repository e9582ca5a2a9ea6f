import type { ShellSystem } from '../../../findings/core/shell-machine.ts';
import { viewStruct } from '../../../model/layouts/struct-view.ts';
import { ifThere } from '../../../model/memory/memory-fault.ts';
import { possibleCpus } from '../../../model/kernel/cpus.ts';
import { kernelLog } from '../../../model/kernel/kernel-log.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { longsVariable } from '../../../model/kernel/variables.ts';
import { walkZones } from '../../../model/kernel/zones.ts';
import { readClock } from './clock.ts';
import type { Shell } from './shell.ts';
import type { ShellWord } from './word.ts';

/** Fixed point of avenrun (include/linux/sched/loadavg.h). */
const LOAD_ONE = 2048;

export const sys: ShellWord = {
  name: 'sys',
  usage: ['sys'],
  summary: 'the machine, its kernel, and when and why the dump was taken',
  help: ['PANIC is the line of the log that tells of it.'],
  *run(shell) {
    yield { kind: 'system', system: systemOf(shell) };
  },
};

function systemOf(shell: Shell): ShellSystem {
  const { session } = shell;
  const { kernel } = session;
  const clock = readClock(kernel);
  const load = longsVariable(kernel, 'avenrun', 3)?.map((value) => value / LOAD_ONE);
  const panic = panicLine(kernel);
  const names = utsnameOf(kernel);
  const zones = walkZones(kernel).value;
  return {
    kernel: `${kernel.symbols.source}; ${kernel.layouts.graphs[0]?.source ?? 'no types'}`,
    dump: kernel.file,
    cpus: possibleCpus(kernel).filter(({ online }) => online).length,
    ...(clock ? { date: new Date(clock.now * 1000).toISOString(), uptimeSeconds: clock.uptime } : {}),
    ...(load ? { loadAverage: load } : {}),
    tasks: shell.knownTasks.length,
    node: names['nodename'] ?? session.dump.utsname?.['nodename'] ?? '',
    release: kernel.release,
    version: names['version'] ?? session.dump.utsname?.['version'] ?? '',
    machine: kernel.machine,
    memoryBytes: zones.reduce((sum, { present }) => sum + present, 0) * kernel.memory.pageSize,
    ...(panic === undefined ? {} : { panic }),
  };
}

function utsnameOf(kernel: Kernel): Readonly<Record<string, string>> {
  const at = kernel.symbols.find('init_uts_ns');
  const layout = kernel.layouts.struct('uts_namespace');
  if (at === undefined || !layout?.has('name')) return {};
  const name = viewStruct(kernel.memory, kernel.layouts, layout, at).struct('name');
  return ifThere(() => ({ nodename: name.text('nodename'), version: name.text('version') })) ?? {};
}

/** The last of these is what the machine died of. */
const PANIC = /^(?:Kernel panic|BUG: |Oops: |Unable to handle kernel|general protection fault|sysrq: Trigger a crash)/i;

function panicLine(kernel: Kernel): string | undefined {
  return kernelLog(kernel)
    .value.map(({ text }) => text.split('\n')[0] ?? '')
    .findLast((line) => PANIC.test(line));
}
