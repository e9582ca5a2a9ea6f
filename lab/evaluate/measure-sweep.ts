import { unreachableNodes } from '../../src/analysis/clustering/unreachable.ts';
import { eachObject } from '../../src/analysis/audit/each-object.ts';
import type { Graph } from '../../src/analysis/reachability/build-graph.ts';
import { Bits } from '../../src/base/bits.ts';
import { viewStruct } from '../../src/model/layouts/struct-view.ts';
import { ifThere } from '../../src/model/memory/memory-fault.ts';
import { CoreSession } from '../../src/pipeline/core/session.ts';
import type { Guest } from './guests.ts';
import { nodesOf, readPlanted, type Planted } from './planted.ts';

/** One part of what a module planted, against what the sweep says. */
export interface Part {
  readonly kind: string;
  readonly role: Planted['role'];
  readonly tag: number;
  readonly caches: readonly string[];
  readonly planted: number;
  readonly unreachable: number;
  /** Addresses that were judged wrongly, some. */
  readonly wrong: readonly string[];
  readonly samples: readonly string[];
}

/** What a guest's sweep came to. */
export interface Sweep {
  readonly release: string;
  readonly objects: number;
  readonly parts: readonly Part[];
  /** Unreachable and neither planted nor led to by what was planted, by cache or kind of memory. */
  readonly others: ReadonlyMap<string, number>;
  readonly othersInAll: number;
  readonly negativeDentriesLost: number;
}

export function measureSweep(guest: Guest): Sweep {
  const session = CoreSession.open(guest.dump);
  try {
    return sweep(session, guest);
  } finally {
    session.close();
  }
}

function sweep(session: CoreSession, guest: Guest): Sweep {
  const { reachability, heap, kernel } = session;
  const { space, marked, graph, percpu } = reachability;
  const planted = guest.leaks.flatMap((leak) => readPlanted(session, leak));
  const lost = unreachableNodes(reachability, heap);
  const dragged = closure(
    graph,
    planted.flatMap(({ nodes }) => nodes).filter((node) => node >= 0 && node < space.count),
    space.count,
  );
  const isMarked = (node: number): boolean =>
    node < space.count ? marked.has(node) : percpu?.referenced.has(node - space.count) === true;
  const nameOf = (node: number): string => {
    if (node >= space.count) return 'per-CPU area';
    const extra = space.extras[node - space.table.objects];
    if (extra)
      return extra.kind === 'vmalloc' ? 'vmalloc' : `${extra.frames} pages${extra.compound ? ', compound' : ''}`;
    return heap.caches[space.table.cacheOf(node)]?.name ?? '?';
  };
  const others = new Map<string, number>();
  let othersInAll = 0;
  for (const node of lost.nodes) {
    if (dragged.has(node)) continue;
    othersInAll++;
    others.set(nameOf(node), (others.get(nameOf(node)) ?? 0) + 1);
  }
  return {
    release: kernel.release,
    objects: space.table.objects - space.table.countFree(0, space.table.objects) + space.extras.length,
    parts: planted.map((part) => judge(part, nameOf, isMarked)),
    others,
    othersInAll,
    negativeDentriesLost: negativeLost(session),
  };
}

function judge(part: Planted, nameOf: (node: number) => string, isMarked: (node: number) => boolean): Part {
  const { leak, role, tag, nodes, addresses } = part;
  const own = nodesOf(part);
  const shouldBe = role === 'live';
  const wrong = addresses.filter(
    (_, i) => (nodes[i] ?? -1) < 0 || (role !== 'counted' && isMarked(nodes[i] ?? 0) !== shouldBe),
  );
  const names = new Map<string, number>();
  for (const node of own) names.set(nameOf(node), (names.get(nameOf(node)) ?? 0) + 1);
  return {
    kind: leak.kind,
    role,
    tag,
    caches: [...names].toSorted(([, a], [, b]) => b - a).map(([name]) => name),
    planted: addresses.length,
    unreachable: own.filter((node) => !isMarked(node)).length,
    wrong: wrong.slice(0, 6).map((address) => address.toString(16)),
    samples: addresses.slice(0, 3).map((address) => address.toString(16)),
  };
}

/** All that these nodes lead to, and they themselves. */
function closure(graph: Graph, from: readonly number[], count: number): Bits {
  const reached = new Bits(count);
  const stack = [...new Set(from)];
  for (const node of stack) reached.add(node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (let e = graph.starts[node] ?? 0; e < (graph.starts[node + 1] ?? 0); e++) {
      const target = graph.targets.at(e);
      if (reached.add(target)) stack.push(target);
    }
  }
  return reached;
}

/** Names that do not exist and that nothing leads to, as the sweep says; they are on a list all the time. */
function negativeLost({ kernel, heap, reachability }: CoreSession): number {
  const layout = kernel.layouts.struct('dentry');
  const cache = heap.caches.findIndex(({ name }) => name === 'dentry');
  if (!layout || cache < 0) return 0;
  let found = 0;
  for (const { object, address } of eachObject(kernel, heap, cache)) {
    if (reachability.marked.has(object)) continue;
    const inode = ifThere(() => viewStruct(kernel.memory, kernel.layouts, layout, address).pointer('d_inode'));
    if (inode === 0n) found++;
  }
  return found;
}
