import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSink } from '../../../testkit/dump/byte-sink.ts';
import { writeKdump } from '../../../testkit/dump/write-kdump.ts';
import { buildKernel, type KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import { addSlabFolder, KERNFS_STRUCTS } from '../../../testkit/kernel/kernfs-writer.ts';
import { objectStates } from '../../../testkit/kernel/object-states.ts';
import { FormatError } from '../../base/errors.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { InputError } from '../../sources/input-error.ts';
import { openPages } from './open-heap.ts';
import { slabAliases } from './slab-aliases.ts';

/** Damaged dumps of each kernel: 50 in the tests, more by `npm run fuzz`. */
const RUNS = Math.ceil(Number(process.env['KLEAK_FUZZ_RUNS'] ?? 200) / 4);
const FRAMES = 16_384;

const KERNELS: readonly (readonly [string, KernelOptions])[] = [
  [
    'SLUB with sheaves',
    {
      pages: { style: 'byte', wrappedFlags: true },
      slub: { sheaves: true, hardened: 'swapped', reclaimBit: 9 },
      caches: [
        { name: 'a', size: 512, slabs: ['AfAfAfAf', 'AmAmA0A0', 'AAAAAAAA'] },
        { name: 'b', size: 1192, order: 3, slabs: ['AAfAfAAAAAAA', 'AbbsAA1r1r'] },
      ],
    },
  ],
  [
    'SLUB in struct page',
    {
      slub: { struct: 'page', memcgCaches: true },
      caches: [
        { name: 'a', size: 512, slabs: ['AfAfAfAf', 'A0A0AAAA'] },
        { name: 'a(1)', root: 'a', size: 512, slabs: ['AfAf1111'] },
      ],
    },
  ],
  [
    'SLAB',
    {
      slab: {},
      nodes: 2,
      caches: [
        { name: 'a', size: 512, slabs: ['AfAf0A1', 'AhAxAAA'] },
        { name: 'b', size: 1192, order: 3, index: 'off', slabs: ['AAfAfAAAAAAA'] },
      ],
    },
  ],
  [
    'arm64 with pages of 64 KiB',
    {
      machine: { machine: 'aarch64', arm64: { pageSize: 65_536 } },
      caches: [{ name: 'a', size: 512, slabs: ['AfAfAfAf', 'A0A0AAAA'] }],
    },
  ],
];

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const n = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    return ((n ^ (n >>> 15)) >>> 0) % below;
  };
}

const folder = mkdtempSync(join(tmpdir(), 'kleak-damage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeDump(options: KernelOptions): string {
  const built = buildKernel({
    ...options,
    kallsyms: true,
    structs: KERNFS_STRUCTS,
    blocks: [{ use: 'buddy', order: 3 }],
  });
  addSlabFolder(built.machine, { nodes: ['a'], links: { x: 'a', y: 'a' } });
  const path = join(folder, 'vmcore');
  const sink = new FileSink(path);
  writeKdump(sink, built.machine.physical, { encoding: 'raw', vmcoreinfo: built.note });
  sink.close();
  return path;
}

/** How much was found; undefined where the dump is said to be unreadable. */
function readAll(path: string): number | undefined {
  try {
    const { dump, kernel } = openKernel([path]);
    const heap = openPages(kernel)?.heap;
    const names = heap ? [...slabAliases(kernel, heap.caches).values()].flat() : [];
    const states = heap ? Object.values(objectStates(heap)).flat() : [];
    dump.close();
    return names.length + states.reduce((sum, text) => sum + text.length, 0);
  } catch (cause) {
    if (cause instanceof FormatError || cause instanceof InputError) return undefined;
    throw cause;
  }
}

describe('a dump with bytes changed anywhere in the file', () => {
  it.each(KERNELS)(
    `is read in bounds, or is said to be unreadable: %s, ${RUNS} of them`,
    (_, options) => {
      const path = writeDump(options);
      const { size } = statSync(path);
      const file = openSync(path, 'r+');
      const random = numbers(20_261_126);
      for (let run = 0; run < RUNS; run++) {
        // Some all over the file, some in one place, where a page of it is torn.
        const [from, within] = run % 3 === 0 ? [0, size - 8] : [random(size - 4104), 4096];
        const old = Array.from({ length: 1 + random(20) }, () => {
          const at = from + random(within);
          const bytes = Buffer.alloc(random(2) === 0 ? 1 : 8);
          readSync(file, bytes, 0, bytes.length, at);
          writeSync(file, bytes.map(() => random(256)), 0, bytes.length, at); // prettier-ignore
          return { at, bytes };
        });
        const start = performance.now();
        expect(readAll(path) ?? 0, `run ${run}`).toBeLessThan(FRAMES * 512);
        expect(performance.now() - start, `run ${run}`).toBeLessThan(10_000);
        for (const { at, bytes } of old.toReversed()) writeSync(file, bytes, 0, bytes.length, at);
      }
      closeSync(file);
    },
    60_000 + RUNS * 200,
  );
});
