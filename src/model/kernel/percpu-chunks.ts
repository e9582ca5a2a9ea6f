import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';
import { chunkAreas, mapBytes, type ChunkAreas } from './percpu-map.ts';
import { u32Variable, u64Variable } from './variables.ts';

/** A struct pcpu_chunk: a stretch of memory that exists once for each CPU. Sizes are of one CPU's share, in bytes. */
export interface PercpuChunk {
  readonly address: bigint;
  /** Of the first CPU's share. */
  readonly base: bigint;
  /** What the kernel itself has its static variables in; made at boot. */
  readonly isFirst: boolean;
  /** For static variables of modules. */
  readonly isReserved: boolean;
  readonly bytes: number;
  readonly populatedBytes: number;
  readonly freeBytes: number;
  /** Handed out; absent where the maps cannot be read, or the kernel keeps them otherwise (before 4.14). */
  readonly areas?: ChunkAreas;
}

export interface PercpuMemory {
  /** How many times each chunk exists: one for each possible CPU. */
  readonly units: number;
  /** From one CPU's share to the next, where they lie one behind the other. */
  readonly unitBytes: number;
  readonly chunks: readonly PercpuChunk[];
  /** All CPUs together, as /proc/meminfo has it in Percpu; absent where the kernel does not count it (before 4.20). */
  readonly populatedBytes?: number;
  /** The part of it that was set aside at boot and is not in MemTotal: static variables, the first and the reserved chunk. */
  readonly bootBytes?: number;
  /** All CPUs' pages of chunks that came later. */
  readonly laterBytes: number;
}

/** There are some 16 to 30 lists, by how much is free. */
const MOST_SLOTS = 64;
const MOST_CHUNKS = 1_000_000;
/** A chunk is a few hundred KiB; the maps of one beyond this are damage. */
const MOST_CHUNK_BYTES = 2 ** 30;

/** The per-CPU allocator's chunks. Undefined where the kernel has none that types and symbols lead to. */
export function walkPercpu(kernel: Kernel): Walked<PercpuMemory | undefined> {
  const problems: string[] = [];
  try {
    const units = u32Variable(kernel, 'pcpu_nr_units');
    const heads = slotHeads(kernel);
    if (units === undefined || heads.length === 0)
      return {
        value: undefined,
        problems: ['no per-CPU chunks: pcpu_nr_units or pcpu_chunk_lists is not to be found'],
      };
    const chunks = listChunks(kernel, heads, problems);
    const { pageSize } = kernel.memory;
    const later = chunks.filter(({ isFirst, isReserved }) => !isFirst && !isReserved);
    const laterBytes = later.reduce((sum, { populatedBytes }) => sum + populatedBytes, 0) * units;
    // Kept since 4.20 (commit 7e8a6304d541), with Percpu in meminfo.
    const pages = u64Variable(kernel, 'pcpu_nr_populated');
    const populatedBytes = pages === undefined ? undefined : Number(pages) * pageSize * units;
    if (populatedBytes !== undefined && populatedBytes < laterBytes)
      problems.push(`per-CPU chunks hold ${laterBytes} bytes, and the kernel counts ${populatedBytes}`);
    const counted =
      populatedBytes === undefined ? {} : { populatedBytes, bootBytes: Math.max(0, populatedBytes - laterBytes) };
    const unitBytes = u32Variable(kernel, 'pcpu_unit_size') ?? 0;
    return { value: { units, unitBytes, chunks, laterBytes, ...counted }, problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: undefined, problems: [`no per-CPU chunks: ${cause.message}`] };
  }
}

/**
 * The lists by how much is free in a chunk: `pcpu_slot` before 5.9. From 5.9 (commit 3c7be18ac9a0) to 5.13 there was a
 * second set of as many lists for chunks that are charged to memory cgroups; it ended when `pcpu_sidelined_slot` came.
 */
function slotHeads(kernel: Kernel): readonly bigint[] {
  const { memory, symbols } = kernel;
  const lists = u64Variable(kernel, 'pcpu_chunk_lists') ?? u64Variable(kernel, 'pcpu_slot');
  const slots = u32Variable(kernel, 'pcpu_nr_slots');
  if (lists === undefined || slots === undefined || slots > MOST_SLOTS) return [];
  const head = (i: number): bigint => lists + BigInt(i * 16);
  const isHead = (at: bigint): boolean => ifThere(() => memory.u64(memory.u64(at) + 8n)) === at;
  const twice = symbols.find('pcpu_sidelined_slot') === undefined && isHead(head(slots)) && isHead(head(slots * 2 - 1));
  return Array.from({ length: twice ? slots * 2 : slots }, (_, i) => head(i));
}

function listChunks(kernel: Kernel, heads: readonly bigint[], problems: string[]): readonly PercpuChunk[] {
  const { memory, layouts } = kernel;
  const layout = layouts.needStruct('pcpu_chunk');
  const at = BigInt(layout.need('list').offset);
  const [first, reserved] = [u64Variable(kernel, 'pcpu_first_chunk'), u64Variable(kernel, 'pcpu_reserved_chunk')];
  const found = new Set([first ?? 0n, reserved ?? 0n].filter((chunk) => chunk !== 0n));
  for (const head of heads) {
    const problem = (what: string): void => void problems.push(`a list of per-CPU chunks ${what}`);
    for (const entry of walkListFromBothEnds(memory, head, problem, MOST_CHUNKS)) found.add(entry - at);
  }
  return [...found].flatMap((address) => {
    const view = viewStruct(memory, layouts, layout, address);
    const chunk = ifThere(() => readChunk(kernel, view));
    if (!chunk) problems.push(`the per-CPU chunk at ${address.toString(16)} cannot be read`);
    else if (!chunk.areas && view.has('alloc_map'))
      problems.push(`the maps of the per-CPU chunk at ${address.toString(16)} do not fit what it counts as free`);
    return chunk ? [{ ...chunk, isFirst: address === first, isReserved: address === reserved }] : [];
  });
}

function readChunk(kernel: Kernel, view: StructView): Omit<PercpuChunk, 'isFirst' | 'isReserved'> {
  const { pageSize } = kernel.memory;
  // Before 4.14 all chunks had the size of a unit.
  const pages = view.has('nr_pages') ? view.number('nr_pages') : (u32Variable(kernel, 'pcpu_unit_pages') ?? 0);
  const bytes = pages * pageSize;
  const freeBytes = view.number('free_bytes|free_size');
  const areas = bytes > 0 && bytes <= MOST_CHUNK_BYTES ? readAreas(kernel, view, bytes, freeBytes) : undefined;
  return {
    address: view.address(),
    base: view.pointer('base_addr'),
    bytes,
    populatedBytes: view.number('nr_populated') * pageSize,
    freeBytes,
    ...(areas ? { areas } : {}),
  };
}

function readAreas({ memory }: Kernel, view: StructView, bytes: number, freeBytes: number): ChunkAreas | undefined {
  if (!view.has('alloc_map') || !view.has('bound_map')) return undefined;
  // One bit more than there are areas: the last bound stands behind the last of them.
  const length = Math.ceil(mapBytes(bytes) / 8) * 8;
  const [used, bounds] = [
    memory.tryRead(view.pointer('alloc_map'), length),
    memory.tryRead(view.pointer('bound_map'), length),
  ];
  const [hiddenStart, hiddenEnd] = [view.number('start_offset'), view.number('end_offset')];
  return used && bounds && chunkAreas({ used, bounds, bytes, freeBytes, hiddenStart, hiddenEnd });
}
