/**
 * Makes a dump of a large machine: `node bench/large-dump.ts [GIB] [FOLDER]`, 64 GiB in a temporary folder where nothing else
 * is said. Prints where it is, and what a census of it has to come to. Takes some minutes, and some 500 MB of disk.
 */
import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSink } from '../testkit/dump/byte-sink.ts';
import { writeKdump } from '../testkit/dump/write-kdump.ts';
import { LargeMemory } from './large-memory.ts';

const [gibibytes = '64', folder] = process.argv.slice(2);
const target = folder ?? mkdtempSync(join(tmpdir(), 'kleak-large-dump-'));
mkdirSync(target, { recursive: true });
const path = join(target, 'vmcore');
const memory = new LargeMemory(Number(gibibytes) * 2 ** 30);
const sink = new FileSink(path);
writeKdump(sink, memory, {
  encoding: 'zlib',
  vmcoreinfo: memory.kernel.note,
  utsname: { sysname: 'Linux', release: memory.kernel.machine.plan.release, machine: 'x86_64' },
});
sink.close();
process.stdout.write(`${JSON.stringify({ path, bytes: statSync(path).size, ...memory.totals() })}\n`);
