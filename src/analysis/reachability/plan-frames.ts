import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import { PageExtensions } from '../../model/kernel/page-extensions.ts';
import type { PercpuMemory } from '../../model/kernel/percpu-chunks.ts';
import { kindByte, type PageKind } from '../../model/kernel/page-kinds.ts';
import { codeConstants } from '../../model/kernel/code-constants.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import type { VmallocArea } from '../../model/kernel/vmalloc.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { eachObject } from '../audit/each-object.ts';
import { areaNodes } from './area-nodes.ts';
import { PLAN, type FramePlan, type WeakWords } from './build-graph.ts';
import { leaveDeadStack } from './dead-stack.ts';
import { dyingFiles } from './dying-files.ts';
import { leaveIdleStacks } from './idle-stacks.ts';
import { spentSlots } from './spent-slots.ts';
import { halves, nodeAtAddress, nodeAtPhysical, NOTHING, type ExtraNode, type NodeSpace } from './node-space.ts';
import { pageBlocks } from './page-blocks.ts';
import { percpuSpace, type OpenPercpu } from './percpu-space.ts';

/** Where pointers may stand. Free and user pages, page tables and the memory map hold none that own anything. */
const ROOTS: readonly PageKind[] = [
  'reserved',
  'kernel-stack',
  'module',
  'percpu',
  'vmalloc',
  'zsmalloc',
  'guard',
  // Later pages of blocks whose first page was not found: not free, so something may stand in them.
  'uncounted',
];
/**
 * Caches whose objects name every other object and own none: with them as holders nothing would ever be unreachable. The
 * records of kmemleak and of debugobjects.
 */
export const isSilent = (cache: string): boolean =>
  /^(?:kmemleak_object|kmemleak_scan_area|debug_objects_cache)$/.test(cache);

/** Which frames are read as what, and how words become nodes. */
export interface Planned {
  readonly space: NodeSpace;
  readonly frames: FramePlan;
  /** Nodes that something holds by a word that is not followed. */
  readonly held: readonly number[];
  readonly percpu?: OpenPercpu;
}

/** What walks over the kernel found, that the plan is made with. */
export interface Surroundings {
  /** Of vmalloc space. */
  readonly areas: readonly VmallocArea[];
  readonly tasks: readonly Task[];
  readonly percpu?: PercpuMemory;
  /** Registers of the CPUs, whatever they hold, and which of them are stack pointers. */
  readonly registers: readonly bigint[];
  readonly stackPointers: readonly bigint[];
}

/** The census has to be refined before, so that stacks and areas are known. */
export function planFrames(kernel: Kernel, pages: Pages, heap: SlabHeap, around: Surroundings): Planned {
  const { kinds } = pages.census;
  const { table, caches } = heap;
  const plan = new Uint8Array(new SharedArrayBuffer(kinds.length));
  const nodeOfFrame = new Int32Array(new SharedArrayBuffer(kinds.length * 4)).fill(NOTHING);
  markKinds(kinds, plan);
  for (let s = 0; s < table.count; s++) {
    const frame = table.frame[s] ?? 0;
    nodeOfFrame.fill(s, frame, frame + (table.pages[s] ?? 0));
  }
  const extras: ExtraNode[] = [];
  const known = extensionFrames(kernel, pages);
  for (const { frame, frames, compound } of pageBlocks(pages.census)) {
    if (known.has(frame)) continue;
    nodeOfFrame.fill(-2 - extras.length, frame, frame + frames);
    plan.fill(PLAN.node, frame, frame + frames);
    extras.push({ kind: 'pages', frame, frames, compound });
  }
  const pageExtras = extras.length;
  const vmalloc = areaNodes(kernel, around.areas, vmapAreas(kernel, heap), table.objects + pageExtras, kinds);
  for (const { area, frames } of vmalloc.nodes) {
    for (const frame of frames) {
      nodeOfFrame[frame] = -2 - extras.length;
      plan[frame] = PLAN.node;
    }
    extras.push({
      kind: 'vmalloc',
      frame: frames[0] ?? 0,
      frames: frames.length,
      address: area.start,
      size: area.size,
      ...(area.caller === undefined ? {} : { caller: area.caller }),
    });
  }
  leaveOut(kernel, pages, plan);
  const space: NodeSpace = {
    table,
    strides: Uint32Array.from(caches, ({ size }) => size),
    nodeOfFrame,
    pageSize: kernel.memory.pageSize,
    ...linearSpaces(kernel, pages),
    areas: vmalloc.ranges,
    extras,
    pageExtras,
    count: table.objects + extras.length,
    found: { offset: -1, cache: 0 },
  };
  const silent = new Set(caches.flatMap(({ name }, i) => (isSilent(name) ? [i] : [])));
  const begins = leaveDeadStack(kernel, around.tasks, around.stackPointers, plan);
  const links = leaveIdleStacks(kernel, around.areas, around.tasks, plan);
  const { heads, words } = leftOver(kernel, heap, space);
  const dying = dyingFiles(kernel, heap, space);
  for (const [object, bytes] of dying.heads) heads.set(object, bytes);
  const percpu = percpuSpace(kernel, around.percpu, around.areas);
  return {
    space,
    ...(percpu ? { percpu } : {}),
    held: [...dying.creds, ...[...links, ...codeConstants(kernel)].map((address) => nodeAtAddress(space, address))],
    frames: {
      plan,
      anchors: anchorsOf(kernel, caches),
      silent,
      heads,
      ignored: new Set([...words, ...vmalloc.ownWords, ...spentSlots(kernel)]),
      begins,
      weak: weakWords(kernel, caches),
      ...(percpu ? { percpu: percpu.space } : {}),
    },
  };
}

const weakWords = ({ layouts }: Kernel, caches: SlabHeap['caches']): WeakWords => ({
  tasks: caches.findIndex(({ name }) => name === 'task_struct'),
  lastWakee: layouts.member('task_struct', 'last_wakee')?.offset ?? -1,
});

function anchorsOf({ layouts }: Kernel, caches: SlabHeap['caches']): Int32Array {
  const mount = layouts.member('mount', 'mnt')?.offset ?? 0;
  return Int32Array.from(caches, ({ name }) => (name === 'mnt_cache' ? mount : 0));
}

/** Every struct vmap_area there is, also of what is free and of what waits to be freed. */
function* vmapAreas(kernel: Kernel, heap: SlabHeap): Generator<bigint> {
  const cache = heap.caches.findIndex(({ name }) => name === 'vmap_area');
  if (cache >= 0) for (const { address } of eachObject(kernel, heap, cache)) yield address;
}

/**
 * What stands in the allocator's own arrays holds nothing. Of arrays that are objects only what comes before counts; of
 * those in per-CPU memory (SLAB) each word is left out.
 */
function leftOver(
  { memory }: Kernel,
  { arrays }: SlabHeap,
  space: NodeSpace,
): { readonly heads: Map<number, number>; readonly words: ReadonlySet<number> } {
  const heads = new Map<number, number>();
  const words = new Set<number>();
  for (const { holder, from, bytes } of arrays) {
    const node = nodeAtPhysical(space, memory.translate(holder) ?? -1);
    if (node !== NOTHING && node < space.table.objects) heads.set(node, space.found.offset + Number(from - holder));
    else if (words.size < MOST_WORDS) addWords(memory, from, bytes, words);
  }
  return { heads, words };
}

function addWords(memory: Kernel['memory'], from: bigint, bytes: number, words: Set<number>): void {
  for (let at = 0; at < bytes; at += 8) {
    const physical = memory.translate(from + BigInt(at));
    if (physical !== undefined) words.add(physical);
  }
}

/** Enough for 256 CPUs; what is beyond may hide a few objects. */
const MOST_WORDS = 4_000_000;

/** Where all of RAM and its memory map lie, counted from frame 0. */
function linearSpaces({ directMap, memory }: Kernel, { map }: Pages): Pick<NodeSpace, 'directMap' | 'memoryMap'> {
  const direct = (directMap?.virtual ?? 0n) - BigInt(directMap?.physical ?? 0);
  const [first] = map.sections;
  const structSize = map.pageStructSize;
  const pages = first ? first.pages - BigInt(first.firstFrame * structSize) : 0n;
  return {
    directMap: { ...halves(BigInt.asUintN(64, direct)), bytes: directMap ? map.endFrame * memory.pageSize : 0 },
    memoryMap: { ...halves(BigInt.asUintN(64, pages)), bytes: map.endFrame * structSize, structSize },
  };
}

function markKinds(kinds: Uint8Array, plan: Uint8Array): void {
  const roots = new Uint8Array(256);
  for (const kind of ROOTS) roots[kindByte(kind)] = PLAN.root;
  roots[kindByte('slab')] = PLAN.slab;
  for (let frame = 0; frame < kinds.length; frame++) plan[frame] = roots[kinds[frame] ?? 0] ?? PLAN.skip;
}

/** Pages of struct page_ext: no pointer leads to them as they are, and none in them leads anywhere. */
function extensionFrames(kernel: Kernel, { map }: Pages): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { address, bytes } of PageExtensions.open(kernel, map)?.ranges() ?? []) {
    for (let at = 0; at < bytes; at += kernel.memory.pageSize) {
      const physical = kernel.memory.translate(address + BigInt(at));
      if (physical !== undefined) found.add(Math.floor(physical / kernel.memory.pageSize));
    }
  }
  return found;
}

/** The memory map names every page, and text only functions. */
function leaveOut({ memory, symbols }: Kernel, pages: Pages, plan: Uint8Array): void {
  const leave = (from: bigint, to: bigint): void => {
    for (let at = from; at < to; at += BigInt(memory.pageSize)) {
      const physical = memory.translate(at);
      if (physical !== undefined) plan[Math.floor(physical / memory.pageSize)] = PLAN.skip;
    }
  };
  for (const { pages: start, frames } of pages.map.sections)
    leave(start, start + BigInt(frames * pages.map.pageStructSize));
  const [start, end] = [symbols.find('_stext'), symbols.find('_etext')];
  if (start !== undefined && end !== undefined && end > start && end - start < MOST_TEXT) leave(start, end);
}

const MOST_TEXT = 2n ** 28n;
