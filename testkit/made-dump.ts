import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSink } from './dump/byte-sink.ts';
import { writeElfCore } from './dump/write-elf-core.ts';
import { vmcoreinfoNote } from './dump/write-notes.ts';
import { buildKernel, type BuiltKernel, type KernelOptions } from './kernel/build-kernel.ts';

/** A dump file of a kernel that a test built, and a System.map for it. */
export interface MadeDump {
  readonly kernel: BuiltKernel;
  readonly path: string;
  readonly map: string;
}

/** Writes both into a folder. */
export function writeMadeDump(folder: string, options: KernelOptions): MadeDump {
  const kernel = buildKernel(options);
  const [path, map] = [join(folder, 'vmcore'), join(folder, 'System.map')];
  const sink = new FileSink(path);
  writeElfCore(sink, kernel.machine.physical, { notes: vmcoreinfoNote(kernel.note) });
  sink.close();
  const lines = [...kernel.machine.symbols]
    .toSorted(([, a], [, b]) => (a < b ? -1 : 1))
    .map(([name, address]) => `${address.toString(16)} D ${name}\n`);
  writeFileSync(map, lines.join(''));
  return { kernel, path, map };
}
