/**
 * What the census of a dump costs: `node bench/census.ts DUMP` prints JSON. The census is one pass over the memory map, which
 * tells the use of every page and finds every slab. Beside it, on a dump with zlib, what inflating the pages that it reads
 * costs alone.
 */
import { inflateSync } from 'node:zlib';
import { FrameBitmap } from '../src/formats/kdump/frame-bitmap.ts';
import { PageDescriptors, STORED_ZLIB } from '../src/formats/kdump/page-descriptors.ts';
import { findMemoryMap } from '../src/model/kernel/memory-map.ts';
import { slabReading } from '../src/model/kernel/open-heap.ts';
import { takeCensus } from '../src/model/kernel/page-census.ts';
import { pageLayout } from '../src/model/kernel/page-layout.ts';
import { slabCaches } from '../src/model/kernel/slab-caches.ts';
import type { PhysicalMemory } from '../src/model/memory/physical-memory.ts';
import { openDumpFile } from '../src/sources/vmcore/dump-file.ts';
import { readKdumpFile } from '../src/sources/vmcore/split-parts.ts';
import { openSteps } from './open-steps.ts';

/** What this prints. Milliseconds of each pass; the first one runs code that was not compiled yet. */
export interface CensusCost {
  /** RAM that the memory map describes. */
  readonly ramBytes: number;
  readonly censusMs: readonly number[];
  /** Pages that it read. */
  readonly pages: number;
  /** Inflating those of them that are stored with zlib; absent where none is. */
  readonly inflateMs?: readonly number[];
}

const PASSES = 25;

/** Passes every read on and notes its frames. */
function noteReads(memory: PhysicalMemory, frames: Set<number>): PhysicalMemory {
  return {
    pageSize: memory.pageSize,
    endFrame: memory.endFrame,
    state: (frame) => memory.state(frame),
    counts: () => memory.counts(),
    page(frame) {
      frames.add(frame);
      return memory.page(frame);
    },
    read(address, target) {
      const last = Math.floor((address + target.length - 1) / memory.pageSize);
      for (let frame = Math.floor(address / memory.pageSize); frame <= last; frame++) frames.add(frame);
      return memory.read(address, target);
    },
  };
}

function takeOnce(path: string, frames?: Set<number>): { readonly milliseconds: number; readonly ramBytes: number } {
  const { dump, kernel } = openSteps(path, new Map(), frames && ((memory) => noteReads(memory, frames)));
  const { memory, layouts, info } = kernel;
  const layout = pageLayout(layouts, info);
  const map = layout && findMemoryMap(memory, info, layouts, layout.size, memory.physical.endFrame);
  if (!layout || !map) throw new Error(`${path}: no memory map was found`);
  const reading = slabReading(kernel, slabCaches(kernel).value);
  frames?.clear();
  const start = performance.now();
  takeCensus(map, layout, reading);
  const milliseconds = performance.now() - start;
  dump.close();
  const described = map.sections.reduce((sum, section) => sum + section.frames, 0);
  return { milliseconds, ramBytes: described * memory.pageSize };
}

/** The bytes of those frames that are stored with zlib, as they lie in the file; none for other containers. */
function packedPages(path: string, frames: ReadonlySet<number>): readonly Uint8Array[] {
  const opened = openDumpFile(path);
  if (opened.kind !== 'kdump') return [];
  const { source, header } = readKdumpFile(opened);
  const bitmap = new FrameBitmap(source, header.dumpedBitmap, header.frames);
  const descriptors = new PageDescriptors(source, header.descriptors);
  const packed = [...frames].flatMap((frame) => {
    if (!bitmap.has(frame) || !descriptors.select(bitmap.rank(frame))) return [];
    if (descriptors.flags !== STORED_ZLIB) return [];
    const bytes = new Uint8Array(descriptors.size);
    source.read(descriptors.offset, bytes);
    return [bytes];
  });
  opened.file.close();
  return packed;
}

function inflateAll(pages: readonly Uint8Array[]): number {
  const start = performance.now();
  for (const page of pages) inflateSync(page);
  return performance.now() - start;
}

const [path = ''] = process.argv.slice(2);
const first = takeOnce(path);
const frames = new Set<number>();
takeOnce(path, frames);
const packed = packedPages(path, frames);
const censusMs = [first.milliseconds];
const inflateMs: number[] = [];
for (let i = 1; i < PASSES; i++) {
  if (packed.length > 0) inflateMs.push(inflateAll(packed));
  censusMs.push(takeOnce(path).milliseconds);
}
const cost: CensusCost = {
  ramBytes: first.ramBytes,
  censusMs,
  pages: frames.size,
  ...(packed.length > 0 ? { inflateMs } : {}),
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
