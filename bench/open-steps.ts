import { parseVmcoreInfo } from '../src/formats/vmcoreinfo.ts';
import type { Kernel } from '../src/model/kernel/kernel.ts';
import { findKernel } from '../src/model/memory/find-kernel.ts';
import type { PhysicalMemory } from '../src/model/memory/physical-memory.ts';
import { GivenFiles } from '../src/pipeline/core/given-files.ts';
import { readSymbols } from '../src/pipeline/core/kernel-symbols.ts';
import { readTypes } from '../src/pipeline/core/kernel-types.ts';
import type { Dump } from '../src/sources/vmcore/dump.ts';
import { openDump } from '../src/sources/vmcore/open-dump.ts';

/** What one step of the opening of a dump took. */
export type StepTimes = Map<string, number>;

/** Times work, and adds it to the steps. */
export function timed<T>(times: StepTimes, step: string, work: () => T): T {
  const start = performance.now();
  const made = work();
  times.set(step, performance.now() - start);
  return made;
}

/** Opens a dump as the commands do, step by step; `wrap` may put something between the kernel and its memory. */
export function openSteps(
  path: string,
  times: StepTimes,
  wrap: (memory: PhysicalMemory) => PhysicalMemory = (memory) => memory,
): { readonly dump: Dump; readonly kernel: Kernel } {
  const dump = timed(times, 'open the container', () => openDump([path]));
  const physical = wrap(dump.physical);
  const found = timed(times, 'find the kernel', () => {
    const info = parseVmcoreInfo(dump.vmcoreinfo ?? '', path).value;
    const kernel = findKernel({ ...dump, physical, info, file: path });
    return kernel && { ...kernel, info };
  });
  if (!found) throw new Error(`${path}: no kernel was found`);
  const { memory, info, machine, directMap } = found;
  const given = new GivenFiles([], []);
  const symbols = timed(times, 'symbols (kallsyms)', () => readSymbols(memory, info, path, given, []));
  const layouts = timed(times, 'types (BTF)', () => readTypes(memory, symbols, info, path, given, []));
  const release = info.release ?? '';
  const kernel = { file: path, machine, release, info, memory, symbols, layouts, problems: [] };
  return { dump, kernel: directMap ? { ...kernel, directMap } : kernel };
}
