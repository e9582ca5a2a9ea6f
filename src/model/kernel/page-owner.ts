import type { Kernel, Walked } from './kernel.ts';
import type { MemoryMap } from './memory-map.ts';
import { PageExtensions } from './page-extensions.ts';
import { StackDepot, type Stack } from './stack-depot.ts';
import { u64Variable } from './variables.ts';

/** Pages that were taken with one stack. */
export interface OwnedPages {
  readonly stack: Stack;
  readonly pages: number;
  readonly blocks: number;
  /** Of the blocks, smallest first. */
  readonly orders: readonly number[];
  /** Names of those who ran when they were taken, the most frequent first; since 5.18. */
  readonly processes: readonly string[];
  /** First frames of some blocks. */
  readonly samples: readonly number[];
}

const SAMPLES = 3;
const MOST_PROCESSES = 8;
/** Names of different tasks that are told apart for one stack. */
const MOST_NAMES = 1000;
/** Larger blocks there are none. */
const MOST_ORDER = 24;
const COMM_BYTES = 16;

/**
 * Who took pages, as page_owner=on has the kernel remember (mm/page_owner.c, since 3.19); only of frames that are `wanted`.
 * Most pages first. Undefined where the kernel does not keep it, which is the rule.
 */
export function readPageOwners(
  kernel: Kernel,
  map: MemoryMap,
  wanted: (frame: number) => boolean,
): Walked<readonly OwnedPages[] | undefined> {
  const fields = ownerFields(kernel);
  const extensions = fields && PageExtensions.open(kernel, map);
  const depot = extensions && StackDepot.open(kernel);
  if (!fields || !extensions || !depot) return { value: undefined, problems: [] };
  if (fields.at + fields.size > extensions.size)
    return { value: undefined, problems: ['page_owner: sizes do not fit'] };
  const groups = new Map<number, Group>();
  for (const { firstFrame, frames } of map.sections) {
    for (let frame = firstFrame; frame < firstFrame + frames; frame++) {
      const view = wanted(frame) ? extensions.of(frame) : undefined;
      if (view && (view.getUint32(0, true) & fields.mask) === fields.mask) addPage(groups, view, frame, fields);
    }
  }
  return finish(groups, depot);
}

interface OwnerFields {
  /** Bits of page_ext.flags that say that a page has an owner. */
  readonly mask: number;
  /** Of struct page_owner in the extension, and its size. */
  readonly at: number;
  readonly size: number;
  readonly order: number;
  readonly handle: number;
  readonly comm?: number;
  /** Whether the later pages of a block say whose they are too (5.4, commit 7e2f2a0cd17c). */
  readonly everyPage: boolean;
}

function ownerFields(kernel: Kernel): OwnerFields | undefined {
  const { layouts, symbols, memory } = kernel;
  const layout = layouts.struct('page_owner');
  const [order, handle] = [layout?.member('order'), layout?.member('handle')];
  const ops = symbols.find('page_owner_ops');
  const offset = layouts.member('page_ext_operations', 'offset')?.offset ?? 0;
  const at = ops === undefined ? undefined : u64Variable(kernel, 'page_owner_ops');
  const owner = layouts.enumValue('PAGE_EXT_OWNER');
  if (!layout || !order || !handle || ops === undefined || at === undefined || owner === undefined) return undefined;
  // Since 5.4 (commit fdf3bf809162) a page that was freed keeps its last owner, and a second bit says that it has one now.
  const allocated = layouts.enumValue('PAGE_EXT_OWNER_ALLOCATED');
  const inside = memory.tryRead(ops + BigInt(offset), 8);
  if (!inside) return undefined;
  const comm = layout.member('comm');
  return {
    mask: (1 << Number(owner)) | (allocated === undefined ? 0 : 1 << Number(allocated)),
    at: Number(new DataView(inside.buffer).getBigUint64(0, true)),
    size: layout.size,
    order: order.offset,
    handle: handle.offset,
    ...(comm ? { comm: comm.offset } : {}),
    everyPage: allocated !== undefined,
  };
}

interface Group {
  pages: number;
  blocks: number;
  readonly orders: Set<number>;
  readonly names: Map<string, number>;
  readonly samples: number[];
}

function addPage(groups: Map<number, Group>, view: DataView, frame: number, fields: OwnerFields): void {
  const handle = view.getUint32(fields.at + fields.handle, true);
  const order = view.getUint16(fields.at + fields.order, true);
  if (handle === 0 || order > MOST_ORDER) return;
  let group = groups.get(handle);
  if (!group) {
    group = { pages: 0, blocks: 0, orders: new Set(), names: new Map(), samples: [] };
    groups.set(handle, group);
  }
  group.pages += fields.everyPage ? 1 : 2 ** order;
  if (fields.everyPage && frame % 2 ** order !== 0) return;
  group.blocks++;
  group.orders.add(order);
  if (group.samples.length < SAMPLES) group.samples.push(frame);
  if (fields.comm === undefined || group.names.size >= MOST_NAMES) return;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + fields.at + fields.comm, COMM_BYTES);
  const end = bytes.indexOf(0);
  const name = new TextDecoder().decode(bytes.subarray(0, end < 0 ? COMM_BYTES : end));
  group.names.set(name, (group.names.get(name) ?? 0) + 1);
}

function finish(groups: ReadonlyMap<number, Group>, depot: StackDepot): Walked<readonly OwnedPages[]> {
  let lost = 0;
  const value = [...groups].flatMap(([handle, { pages, blocks, orders, names, samples }]): OwnedPages[] => {
    const stack = depot.stack(handle);
    if (!stack) lost += pages;
    const processes = [...names].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
    return stack
      ? [
          {
            stack,
            pages,
            blocks,
            orders: [...orders].toSorted((a, b) => a - b),
            processes: processes.slice(0, MOST_PROCESSES),
            samples,
          },
        ]
      : [];
  });
  return {
    value: value.toSorted((a, b) => b.pages - a.pages),
    problems: lost === 0 ? [] : [`page_owner: the stacks of ${lost} pages are not in the dump`],
  };
}
