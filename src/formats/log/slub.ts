import { bytes, isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { splitCacheName } from './cache-name.ts';
import type { KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';

type CannotAllocate = Extract<KernelEvent, { kind: 'slub-cannot-allocate' }>;

const OPENER = /^\s*SL[UA]B: Unable to allocate memory /;
const CACHE = /^\s*cache: (\S.{0,200}?), object size: (\d{1,12})/;
/** SLUB: `node 0: slabs: 663, objs: 20964, free: 0`. */
const SLUB_NODE = /^\s*node \d+: slabs: (\d{1,15}), objs: (\d{1,15}), free: (\d{1,15})\s*$/;
/** SLAB: `node 0: slabs: 10/12, objs: 300/360`, in use of all; older ones add the free. */
const SLAB_NODE = /^\s*node \d+: slabs: \d{1,15}\/(\d{1,15}), objs: (\d{1,15})\/(\d{1,15})/;
/** Lines that may stand between the opener and its own: another processor prints too. */
const NEAR = 20;

interface NodeSum {
  readonly slabs: number;
  readonly objects: number;
  readonly free: number;
}

/**
 * `SLUB: Unable to allocate memory on node -1 (gfp=0x20)` and the lines below it. Repeats for one cache are one event
 * with the figures of the last.
 *
 * Written by mm/slub.c slab_out_of_memory() since 2.6.30; mm/slab.c had one of its own, 3.4 to 6.7.
 */
export function readCannotAllocate(lines: readonly TextLine[], file: string): readonly KernelEvent[] {
  const found = new Map<string, CannotAllocate>();
  for (const [i, line] of lines.entries()) {
    if (!OPENER.test(line.text)) continue;
    const read = readOne(lines.slice(i + 1, i + 1 + NEAR));
    if (!read) continue;
    const key = `${read.cache} ${read.memcg ?? ''}`;
    const before = found.get(key);
    found.set(key, {
      kind: 'slub-cannot-allocate',
      at: before?.at ?? eventAt(file, line).at,
      ...(before?.uptime === undefined ? (before ? {} : eventAt(file, line)) : { uptime: before.uptime }),
      ...read,
      times: (before?.times ?? 0) + 1,
    });
  }
  return [...found.values()];
}

function readOne(
  lines: readonly TextLine[],
): Pick<CannotAllocate, 'cache' | 'memcg' | 'objectSize' | 'slabs'> | undefined {
  const end = lines.findIndex(({ text }) => OPENER.test(text));
  const own = end < 0 ? lines : lines.slice(0, end);
  const head = own.map(({ text }) => CACHE.exec(text)).find((match) => match !== null);
  const name = head?.[1];
  if (name === undefined) return undefined;
  const size = Number(head?.[2]);
  const nodes = own.flatMap(({ text }) => readNode(text) ?? []);
  const sum = (pick: (node: NodeSum) => number): number => nodes.reduce((total, node) => total + pick(node), 0);
  const counts = { slabs: sum((n) => n.slabs), objects: sum((n) => n.objects), free: sum((n) => n.free) };
  return {
    ...splitCacheName(name),
    ...(isQuantity(size) ? { objectSize: bytes(size) } : {}),
    ...(nodes.length > 0 ? counts : {}),
  };
}

function readNode(text: string): NodeSum | undefined {
  const [, slabs, objects, free] = SLUB_NODE.exec(text) ?? [];
  if (slabs !== undefined) return { slabs: Number(slabs), objects: Number(objects), free: Number(free) };
  const [, all, used, slots] = SLAB_NODE.exec(text) ?? [];
  if (all === undefined) return undefined;
  return { slabs: Number(all), objects: Number(slots), free: Math.max(0, Number(slots) - Number(used)) };
}
