/**
 * What `openPages` takes on a dump: `node --max-semi-space-size=8 bench/large-pages.ts DUMP` prints JSON: seconds by step, the
 * largest resident set, and what was found.
 */
import { readFileSync } from 'node:fs';
import { openPages } from '../src/model/kernel/open-heap.ts';
import { openKernel } from '../src/pipeline/core/open-kernel.ts';

const [path = ''] = process.argv.slice(2);

/** VmHWM, in bytes. */
const peak = (): number => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? 0) * 1024;

const start = performance.now();
const { dump, kernel } = openKernel([path]);
const opened = performance.now();
const openedBytes = peak();
const pages = openPages(kernel);
const read = performance.now();
const table = pages?.heap?.table;
const [slabs, objects] = [table?.count ?? 0, table?.objects ?? 0];
let slabPages = 0;
for (let slab = 0; slab < slabs; slab++) slabPages += table?.pages[slab] ?? 0;
const found = { slabs, objects, free: table?.countFree(0, objects) ?? 0, slabPages };
process.stdout.write(
  `${JSON.stringify({
    ramBytes: kernel.memory.physical.endFrame * kernel.memory.physical.pageSize,
    openSeconds: (opened - start) / 1000,
    pagesSeconds: (read - opened) / 1000,
    openedBytes,
    peakBytes: peak(),
    ...found,
    problems: [
      ...kernel.problems.map(({ problem }) => problem),
      ...(pages?.problems ?? []),
      ...(pages?.heap?.problems ?? []).map(({ problem }) => problem),
    ],
    memory: process.memoryUsage(),
  })}\n`,
);
dump.close();
