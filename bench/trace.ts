/**
 * What `kleak trace` costs this host: `node bench/trace.ts [SECONDS]`, as root, with tracefs mounted. A process opens and closes
 * files as fast as it can, first alone, then while its files are traced, then with stacks; what one opening costs it, in CPU
 * time, is compared, and what the reader of the trace took is told.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import type { TraceDocument } from '../src/findings/trace.ts';
import { traceCache } from '../src/pipeline/trace/trace-cache.ts';

const seconds = Number(process.argv[2] ?? 10);

/** Prints the CPU microseconds of one opening and closing, by the time it is told to end. */
const LOAD = `const fs = require('node:fs');
let n = 0;
process.on('SIGTERM', () => { const { user, system } = process.cpuUsage(); console.log((user + system) / n); process.exit(); });
(function work() { for (let i = 0; i < 5000; i++, n++) fs.closeSync(fs.openSync('/proc/self/comm', 'r')); setImmediate(work); })();`;

async function costOfOpening(during: () => Promise<unknown>): Promise<number> {
  const child = spawn(process.execPath, ['-e', LOAD], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await during();
  child.kill('SIGTERM');
  await once(child, 'close');
  return Number(said);
}

function sleep(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function report(name: string, cost: number, alone: number, trace: TraceDocument | undefined): void {
  const events = trace?.events;
  const overhead = trace?.overhead;
  const more = (((cost - alone) / alone) * 100).toFixed(0);
  const rest =
    events && overhead
      ? `; ${overhead.eventsPerSecond.toFixed(0)} events/s, ${events.lost} lost, ${overhead.nanosecondsPerEvent?.toFixed(0) ?? '?'} ns an event as measured by kleak, reader ${((overhead.readerCpuSeconds / trace.seconds) * 100).toFixed(1)} % of a CPU`
      : '';
  process.stdout.write(`${name}: ${cost.toFixed(2)} µs an opening${trace ? ` (+${more} %)` : ''}${rest}\n`);
}

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${seconds} s each\n`);
const alone = await costOfOpening(sleep);
report('alone', alone, alone, undefined);
for (const stacks of [false, true]) {
  let trace: TraceDocument | undefined;
  const cost = await costOfOpening(async () => (trace = await traceCache('filp', { seconds, stacks })));
  report(stacks ? 'traced with stacks' : 'traced', cost, alone, trace);
}
