import { possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { PercpuChunk, PercpuMemory } from '../../model/kernel/percpu-chunks.ts';
import { u64Variable } from '../../model/kernel/variables.ts';
import type { VmallocArea } from '../../model/kernel/vmalloc.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { halves } from './node-space.ts';

/** No area there. */
export const NO_AREA = -1;

/** Stretches of 64-bit values, in bytes from one on; sorted, none overlaps another. */
interface ValueRanges {
  readonly low: number;
  readonly high: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly chunk: Uint32Array;
}

/**
 * Areas that the per-CPU allocator gave out, numbered chunk by chunk in the order of memory, and what words refer to them: the
 * pointer that alloc_percpu() returns, which is no address, and addresses within the copy of any CPU. The chunk that was made
 * at boot is left out: on x86-64 pointers into it are small numbers, as others are.
 */
export interface PercpuSpace {
  readonly pointers: ValueRanges;
  readonly addresses: ValueRanges;
  /** Upper halves of pointers, and of addresses: the first, and how many more there are. */
  readonly pointerHalves: readonly [first: number, span: number];
  readonly addressHalves: readonly [first: number, span: number];
  /** Of chunk c the areas are `first[c]` up to `first[c + 1]`; where each begins and ends in it, in bytes. */
  readonly first: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Physical frames of copies, with the chunk and the offset in it. */
  readonly frames: ReadonlyMap<number, { readonly chunk: number; readonly offset: number }>;
  /** Physical addresses of words that describe a chunk and refer to none of its areas. */
  readonly ownWords: ReadonlySet<number>;
  readonly count: number;
}

/** Of an area what is told of it. Sizes in bytes of one CPU's copy. */
export interface PercpuArea {
  /** As alloc_percpu() returned it. */
  readonly pointer: bigint;
  /** Of the first CPU's copy. */
  readonly address: bigint;
  readonly size: number;
}

/** The areas of a dump, as words refer to them and as they are told. */
export interface OpenPercpu {
  readonly space: PercpuSpace;
  readonly areaAt: (area: number) => PercpuArea;
}

/** Undefined where the dump does not say what was given out. */
export function percpuSpace(
  kernel: Kernel,
  memory: PercpuMemory | undefined,
  areas: readonly VmallocArea[],
): OpenPercpu | undefined {
  const chunks = (memory?.chunks ?? []).filter((c) => !c.isFirst && !c.isReserved && c.areas !== undefined);
  const copies = copiesOf(kernel, chunks);
  if (!copies || chunks.length === 0) return undefined;
  const first = Uint32Array.from([0, ...chunks.map((_, c) => sum(chunks.slice(0, c + 1)))]);
  const pointers = rangesOf(chunks.map((chunk, c) => ({ from: copies.pointerOf(chunk), bytes: chunk.bytes, c })));
  const addresses = rangesOf(
    chunks.flatMap((chunk, c) => copies.addressesOf(chunk).map((from) => ({ from, bytes: chunk.bytes, c }))),
  );
  const space: PercpuSpace = {
    pointers,
    addresses,
    pointerHalves: halvesOf(pointers),
    addressHalves: halvesOf(addresses),
    first,
    starts: concat(chunks.map(({ areas: of }) => of?.starts ?? new Uint32Array(0))),
    ends: concat(chunks.map(({ areas: of }) => of?.ends ?? new Uint32Array(0))),
    frames: framesOf(kernel, chunks, copies.addressesOf),
    ownWords: ownWords(kernel, chunks, areas),
    count: first.at(-1) ?? 0,
  };
  const areaAt = (area: number): PercpuArea => {
    const c = chunks.findIndex((_, i) => area < (first[i + 1] ?? 0));
    const [chunk, start] = [chunks[c], space.starts[area] ?? 0];
    const at = (base: bigint | undefined): bigint => BigInt.asUintN(64, (base ?? 0n) + BigInt(start));
    return {
      pointer: at(chunk && copies.pointerOf(chunk)),
      address: at(chunk && copies.addressesOf(chunk)[0]),
      size: (space.ends[area] ?? 0) - start,
    };
  };
  return { space, areaAt };
}

const sum = (chunks: readonly PercpuChunk[]): number =>
  chunks.reduce((total, { areas }) => total + (areas?.starts.length ?? 0), 0);

interface Copies {
  readonly pointerOf: (chunk: PercpuChunk) => bigint;
  /** By CPU. */
  readonly addressesOf: (chunk: PercpuChunk) => readonly bigint[];
}

/** A chunk's copy for a CPU lies at its base and the CPU's unit offset; a pointer is what leads there with __per_cpu_offset. */
function copiesOf(kernel: Kernel, chunks: readonly PercpuChunk[]): Copies | undefined {
  const table = u64Variable(kernel, 'pcpu_unit_offsets');
  const cpus = possibleCpus(kernel);
  const [one] = cpus;
  if (table === undefined || !one || chunks.length === 0) return undefined;
  const offsets = cpus.map(({ number }) => ifThere(() => kernel.memory.u64(table + BigInt(number * 8))));
  const [start] = offsets;
  if (start === undefined || offsets.includes(undefined)) return undefined;
  return {
    pointerOf: ({ base }) => BigInt.asUintN(64, base + start - one.offset),
    addressesOf: ({ base }) => offsets.map((offset) => BigInt.asUintN(64, base + (offset ?? 0n))),
  };
}

interface Stretch {
  readonly from: bigint;
  readonly bytes: number;
  readonly c: number;
}

function rangesOf(stretches: readonly Stretch[]): ValueRanges {
  const sorted = stretches.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const base = sorted[0]?.from ?? 0n;
  const from = Float64Array.from(sorted, (s) => Number(s.from - base));
  return {
    ...halves(base),
    from,
    to: from.map((offset, i) => offset + (sorted[i]?.bytes ?? 0)),
    chunk: Uint32Array.from(sorted, ({ c }) => c),
  };
}

/** They go round after the last value there is. */
function halvesOf({ low, high, to }: ValueRanges): readonly [number, number] {
  return [high, Math.floor((low + (to.at(-1) ?? 0)) / 2 ** 32)];
}

function concat(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function framesOf(
  { memory }: Kernel,
  chunks: readonly PercpuChunk[],
  addressesOf: Copies['addressesOf'],
): PercpuSpace['frames'] {
  const frames = new Map<number, { readonly chunk: number; readonly offset: number }>();
  const add = (chunk: number, start: bigint, bytes: number): void => {
    for (let offset = 0; offset < bytes; offset += memory.pageSize) {
      const physical = memory.translate(start + BigInt(offset));
      if (physical !== undefined) frames.set(Math.floor(physical / memory.pageSize), { chunk, offset });
    }
  };
  for (const [chunk, of] of chunks.entries()) for (const start of addressesOf(of)) add(chunk, start, of.bytes);
  return frames;
}

/** pcpu_chunk.base_addr, and vm_struct.addr of the stretches that chunks lie in. */
function ownWords(
  { memory, layouts, symbols }: Kernel,
  chunks: readonly PercpuChunk[],
  areas: readonly VmallocArea[],
): ReadonlySet<number> {
  const words = new Set<number>();
  const leave = (struct: bigint | undefined, type: string, ...members: readonly string[]): void => {
    for (const name of struct === undefined ? [] : members) {
      const member = layouts.member(type, name);
      const word = member && memory.translate((struct ?? 0n) + BigInt(member.offset));
      if (word !== undefined) words.add(word);
    }
  };
  const caller = symbols.find('pcpu_get_vm_areas');
  for (const { address } of chunks) leave(address, 'pcpu_chunk', 'base_addr');
  for (const area of areas) {
    if (caller === undefined || area.caller !== caller) continue;
    leave(area.descriptor, 'vm_struct', 'addr');
    leave(area.area, 'vmap_area', 'va_start', 'va_end');
  }
  return words;
}

/** The area that a word refers to, by its halves. */
export function percpuAreaAt(space: PercpuSpace, low: number, high: number): number {
  const area = areaIn(space, space.pointers, low, high);
  return area === NO_AREA ? areaIn(space, space.addresses, low, high) : area;
}

function areaIn(space: PercpuSpace, ranges: ValueRanges, low: number, high: number): number {
  const { from, to } = ranges;
  const offset = (high - ranges.high) * 4294967296 + (low - ranges.low);
  if (!(offset >= 0) || offset >= (to[to.length - 1] ?? 0)) return NO_AREA;
  const i = lastUpTo(from, 0, from.length, offset);
  return i >= 0 && offset < (to[i] ?? 0) ? percpuAreaIn(space, ranges.chunk[i] ?? 0, offset - (from[i] ?? 0)) : NO_AREA;
}

/** The area at an offset of a chunk. */
export function percpuAreaIn({ first, starts, ends }: PercpuSpace, chunk: number, offset: number): number {
  const i = lastUpTo(starts, first[chunk] ?? 0, first[chunk + 1] ?? 0, offset);
  return i >= (first[chunk] ?? 0) && offset < (ends[i] ?? 0) ? i : NO_AREA;
}

/** The last of sorted numbers, between two places, that is no larger; below the first where there is none. */
function lastUpTo(sorted: Float64Array | Uint32Array, from: number, to: number, value: number): number {
  let [below, above] = [from, to];
  while (below < above) {
    const middle = (below + above) >>> 1;
    if ((sorted[middle] ?? 0) <= value) below = middle + 1;
    else above = middle;
  }
  return below - 1;
}
