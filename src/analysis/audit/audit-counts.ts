import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';
import { eachObject } from './each-object.ts';

/** How one type counts its references. */
interface Counted {
  readonly type: string;
  /** Caches that hold nothing else. */
  readonly caches: RegExp;
  /** The member that counts; the first that there is. */
  readonly members: readonly string[];
  /** What is added to the number to have references: file_ref_t begins with 0 for one. */
  readonly plus?: Readonly<Record<string, number>>;
}

/**
 * Types whose count is compared with every word that points into them, not only at their start: lists and hashes own
 * references through members. That makes the comparison sure and blunt: it tells what has many more references than words.
 */
const COUNTED: readonly Counted[] = [
  // Since 6.13 (commit 90ee6ed776c0) file_ref_t, which stores one less than there are.
  { type: 'file', caches: /^filp$/, members: ['f_ref.refcnt', 'f_count'], plus: { 'f_ref.refcnt': 1 } },
  { type: 'task_struct', caches: /^task_struct$/, members: ['usage'] },
  { type: 'cred', caches: /^cred$|^cred_jar$/, members: ['usage'] },
  { type: 'pid', caches: /^pid$/, members: ['count'] },
  { type: 'mm_struct', caches: /^mm_struct$/, members: ['mm_count'] },
  { type: 'signal_struct', caches: /^signal_cache$/, members: ['sigcnt'] },
  { type: 'files_struct', caches: /^files_cache$/, members: ['count'] },
  { type: 'nsproxy', caches: /^nsproxy$/, members: ['count'] },
  {
    type: 'sock',
    caches: /^(?:UNIX(?:-STREAM)?|TCP|UDP|RAW|PING|TCPv6|UDPv6|RAWv6|PACKET)$/,
    members: ['__sk_common.skc_refcnt'],
  },
  { type: 'sk_buff', caches: /^skbuff_(?:head_cache|fclone_cache)$/, members: ['users'] },
  { type: 'anon_vma', caches: /^anon_vma$/, members: ['refcount'] },
  { type: 'kernfs_node', caches: /^kernfs_node_cache$/, members: ['count'] },
];

export interface CountAudit {
  readonly type: string;
  readonly cache: string;
  readonly objectSize: number;
  readonly examined: number;
  readonly groups: readonly {
    readonly recorded: number;
    readonly found: number;
    readonly objects: number;
    readonly unreachable: number;
    readonly samples: readonly bigint[];
  }[];
}

const MOST_SAMPLES = 8;
/** A count above this is a value that stands for something else: an object being taken down, a saturated count. */
const MOST_COUNT = 2 ** 28;

/** `isMerged`: whether a cache serves other names too; then its objects may be of another type, and it is left out. */
export function auditCounts(
  kernel: Kernel,
  heap: SlabHeap,
  reach: Reachability,
  isMerged: (cache: bigint) => boolean,
): readonly CountAudit[] {
  const words = countWords(reach);
  return heap.caches.flatMap((cache, number) => {
    const counted = COUNTED.find(({ caches }) => caches.test(cache.name));
    if (!counted || isMerged(cache.address)) return [];
    const audit = auditCache(kernel, heap, reach, words, number, counted);
    return audit && audit.groups.length > 0 ? [audit] : [];
  });
}

/** Words that point anywhere into each object. */
function countWords({ graph, space }: Reachability): Uint32Array {
  const words = new Uint32Array(space.table.objects);
  const add = (node: number): void => {
    if (node < words.length) words[node] = (words[node] ?? 0) + 1;
  };
  for (let e = 0; e < graph.targets.length; e++) add(graph.targets.at(e));
  for (let r = 0; r < graph.rootTargets.length; r++) add(graph.rootTargets.at(r));
  return words;
}

function auditCache(
  kernel: Kernel,
  heap: SlabHeap,
  reach: Reachability,
  words: Uint32Array,
  cache: number,
  { type, members, plus = {} }: Counted,
): CountAudit | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct(type);
  const member = members.find((path) => layout?.has(path));
  const { name = '', size = 0 } = heap.caches[cache] ?? {};
  if (!layout || member === undefined || layout.size > size) return undefined;
  const more = plus[member] ?? 0;
  const groups = new Map<
    string,
    { recorded: number; found: number; objects: number; unreachable: number; samples: bigint[] }
  >();
  const note = (object: number, address: bigint, recorded: number, found: number): void => {
    const key = `${recorded} ${found}`;
    const group = groups.get(key) ?? { recorded, found, objects: 0, unreachable: 0, samples: [] };
    group.objects++;
    if (!reach.marked.has(object)) group.unreachable++;
    if (group.samples.length < MOST_SAMPLES) group.samples.push(address);
    groups.set(key, group);
  };
  let examined = 0;
  for (const { object, address } of eachObject(kernel, heap, cache)) {
    const value = ifThere(() => viewStruct(memory, layouts, layout, address).number(member));
    if (value === undefined) continue;
    examined++;
    const [recorded, found] = [value + more, words[object] ?? 0];
    if (recorded > found && recorded <= MOST_COUNT) note(object, address, recorded, found);
  }
  return {
    type,
    cache: name,
    objectSize: size,
    examined,
    groups: [...groups.values()].toSorted((a, b) => b.objects - a.objects),
  };
}
