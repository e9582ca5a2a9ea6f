import type { MessagePort, Transferable } from 'node:worker_threads';
import type { FramePlan, PartialGraph } from '../../analysis/reachability/build-graph.ts';
import { EdgeStore } from '../../analysis/reachability/edge-store.ts';
import type { NodeSpace } from '../../analysis/reachability/node-space.ts';
import { SlabTable, type SlabArrays } from '../../model/heap/slab-table.ts';

/** What a worker is told. Columns lie in shared memory, so that none is copied. */
export interface ScanOrder {
  readonly files: readonly string[];
  readonly space: Omit<NodeSpace, 'table'>;
  readonly table: SlabArrays;
  readonly frames: FramePlan;
  readonly bounds: Uint32Array;
  /** See STATE. */
  readonly state: Int32Array;
  /** Which of the workers this is. */
  readonly worker: number;
  readonly port: MessagePort;
}

/** What threads tell each other, as indices into `ScanOrder.state`. */
export const STATE = {
  /** The next range that nobody has taken. */
  next: 0,
  /** Ranges that any thread has begun: a worker that hangs is seen by it. */
  begun: 1,
  /** Behind it, one for each worker: 1 when it has come to its end, whether it has something to show or not. */
  ended: 2,
} as const;

/** Takes the next range for the thread that asks. */
export function nextRange(state: Int32Array): number {
  Atomics.add(state, STATE.begun, 1);
  return Atomics.add(state, STATE.next, 1);
}

/** Extra nodes are known by their number alone, and there may be many. */
export function orderOf(
  { table, ...space }: NodeSpace,
  frames: FramePlan,
  rest: Pick<ScanOrder, 'files' | 'bounds' | 'state' | 'worker' | 'port'>,
): ScanOrder {
  return { ...rest, frames, space: { ...space, extras: [] }, table: table.arrays };
}

export const spaceOf = ({ space, table }: ScanOrder): NodeSpace => ({ ...space, table: new SlabTable(table) });

const STORES = ['targets', 'rootTargets', 'extraNodes', 'extraTargets'] as const;
type Store = (typeof STORES)[number];

/** A part on its way between threads: stores as their pieces. */
export interface ScanReply extends Omit<PartialGraph, Store | 'rootPlaces'> {
  readonly rootPlaces: Float64Array;
  readonly stores: Readonly<Record<Store, { readonly pieces: readonly Uint32Array[]; readonly length: number }>>;
}

/** The reply, and what of it changes its owner instead of being copied. */
export function replyOf(part: PartialGraph): readonly [ScanReply, Transferable[]] {
  const { targets, rootTargets, extraNodes, extraTargets, rootPlaces, ...rest } = part;
  const flat = ({ pieces, length }: EdgeStore): ScanReply['stores'][Store] => ({ pieces, length });
  const stores = {
    targets: flat(targets),
    rootTargets: flat(rootTargets),
    extraNodes: flat(extraNodes),
    extraTargets: flat(extraTargets),
  };
  const reply = { ...rest, rootPlaces: Float64Array.from(rootPlaces), stores };
  const columns = [rest.starts, rest.baseWords, reply.rootPlaces, ...STORES.flatMap((store) => stores[store].pieces)];
  return [reply, columns.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []))];
}

export function partOf({ stores, rootPlaces, ...rest }: ScanReply): PartialGraph {
  const store = (name: Store): EdgeStore => EdgeStore.of(stores[name].pieces, stores[name].length);
  return {
    ...rest,
    rootPlaces: [...rootPlaces],
    targets: store('targets'),
    rootTargets: store('rootTargets'),
    extraNodes: store('extraNodes'),
    extraTargets: store('extraTargets'),
  };
}
