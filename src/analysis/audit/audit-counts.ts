import { Bits } from '../../base/bits.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import type { KernelMemory } from '../../model/memory/kernel-memory.ts';
import type { Layouts } from '../../model/layouts/layouts.ts';
import type { StructLayout } from '../../model/layouts/struct-layout.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';
import { isSilent } from '../reachability/plan-frames.ts';
import { structOfName } from '../typing/cache-types.ts';
import { countedMember, type CountedMember } from './counted-members.ts';
import { eachObject } from './each-object.ts';
import { leadsToUnread } from './unread-links.ts';

/** How one type counts its references, where its cache or its members do not say. */
interface Counted {
  readonly type: string;
  /** Caches that hold nothing else. */
  readonly caches: RegExp;
  /** The member that counts. */
  readonly member: string;
}

/** Caches that are not named for their struct, and structs with several counts. */
const COUNTED: readonly Counted[] = [
  { type: 'task_struct', caches: /^task_struct$/, member: 'usage' },
  { type: 'mm_struct', caches: /^mm_struct$/, member: 'mm_count' },
  {
    type: 'sock',
    caches: /^(?:UNIX(?:-STREAM)?|TCP|UDP|RAW|PING|TCPv6|UDPv6|RAWv6|PACKET)$/,
    member: '__sk_common.skc_refcnt',
  },
  { type: 'sk_buff', caches: /^skbuff_(?:head_cache|fclone_cache)$/, member: 'users' },
];
/**
 * Not compared so: dentries are looked at for themselves; of struct net and of what control groups have, references are
 * counted in parts (ns.count, css.refcnt), and it is not known how well words tell them.
 */
const NOT_BY_WORDS = /^(?:dentry|net|mem_cgroup|task_group)$/;

/**
 * On healthy guests of 6.1, 6.12 and 7.2, busy ones with cgroups, files and sockets, none of at least a hundred of each, of
 * inodes and kernfs nodes of more than a hundred thousand, had a count above the words that point to it.
 */
const PROVEN: ReadonlySet<string> = new Set([
  'anon_vma',
  'cred',
  'file',
  'inode',
  'kernfs_node',
  'proc_dir_entry',
  'sighand_struct',
  'sk_buff',
  'sock',
  'task_struct',
  'trace_event_file',
]);

/**
 * Objects whose count is above the words that point into them. Every word counts, not only those to the start: lists and
 * hashes own references through members. That makes the comparison sure and blunt: it tells what has many more references than
 * words.
 */
export interface CountAudit {
  readonly type: string;
  /** Whether counts of that type were held against healthy kernels. */
  readonly isProven: boolean;
  /** `kref.refcount`. */
  readonly member: string;
  readonly cache: string;
  readonly objectSize: number;
  readonly examined: number;
  /** Of these, such as are linked with memory that the dump does not hold: they are not in the groups. */
  readonly unseen: number;
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

/**
 * Every cache whose name tells the struct that it holds, if that struct counts its references. `isMerged`: whether a cache
 * serves other names too; then its objects may be of another type, and it is left out. `most`: objects looked at in each.
 */
export function auditCounts(
  kernel: Counting,
  heap: SlabHeap,
  reach: Reachability,
  isMerged: (cache: bigint) => boolean,
  most: number = Infinity,
): readonly CountAudit[] {
  const audited = heap.caches.flatMap((cache, number): readonly Audited[] => {
    const counted = isMerged(cache.address) || isSilent(cache.name) ? undefined : countedIn(kernel, cache);
    return counted ? [{ ...counted, number }] : [];
  });
  const words = countWords(reach, new Set(audited.map(({ number }) => number)));
  return audited.flatMap((each): readonly CountAudit[] => {
    const audit = auditCache(kernel, heap, reach, words, each, most);
    return audit.groups.length > 0 ? [audit] : [];
  });
}

/** What is needed of a kernel. */
type Counting = Pick<Kernel, 'layouts' | 'directMap'> & { readonly memory: KernelMemory };

interface Audited {
  readonly number: number;
  readonly type: string;
  readonly member: CountedMember;
}

function countedIn({ layouts }: Counting, { name, size, objectSize }: KmemCache): Omit<Audited, 'number'> | undefined {
  const special = COUNTED.find(({ caches }) => caches.test(name));
  const type = special?.type ?? structOfName({ find: (named) => structNamed(layouts, named) }, name)?.name;
  const layout = type === undefined || NOT_BY_WORDS.test(type) ? undefined : layouts.struct(type);
  if (type === undefined || !layout || layout.size > size) return undefined;
  // Behind a sock stands more of the protocol; other caches hold what they are named for.
  if (!special && layout.size <= objectSize / 2) return undefined;
  const member = special ? memberAt(layout, special.member) : countedMember(layout);
  return member && { type, member };
}

function structNamed(layouts: Layouts, name: string): { readonly name: string; readonly size: number } | undefined {
  const layout = layouts.struct(name);
  return layout && layout.size > 0 ? { name, size: layout.size } : undefined;
}

function memberAt(layout: StructLayout, path: string): CountedMember | undefined {
  const member = layout.member(path);
  return member && { name: path, offset: member.offset, size: member.size, plus: 0 };
}

/** Words that point anywhere into each object of some caches. */
function countWords({ graph, space }: Reachability, caches: ReadonlySet<number>): Uint32Array {
  const { table } = space;
  const words = new Uint32Array(table.objects);
  const counts = new Bits(table.objects);
  for (let slab = 0; slab < table.count; slab++) {
    if (!caches.has(table.cache[slab] ?? 0)) continue;
    const first = table.first[slab] ?? 0;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++) counts.add(first + i);
  }
  const add = (node: number): void => {
    if (node < words.length && counts.has(node)) words[node] = (words[node] ?? 0) + 1;
  };
  for (let e = 0; e < graph.targets.length; e++) add(graph.targets.at(e));
  for (let r = 0; r < graph.rootTargets.length; r++) add(graph.rootTargets.at(r));
  return words;
}

function auditCache(
  kernel: Counting,
  heap: SlabHeap,
  reach: Reachability,
  words: Uint32Array,
  { number, type, member }: Audited,
  most: number,
): CountAudit {
  const { memory } = kernel;
  const { name = '', size = 0 } = heap.caches[number] ?? {};
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
  const at = BigInt(member.offset);
  const read = (address: bigint): number => (member.size === 8 ? Number(memory.u64(address)) : memory.u32(address));
  let [examined, unseen] = [0, 0];
  for (const { object, address } of eachObject(kernel, heap, number)) {
    if (examined >= most) break;
    const value = ifThere(() => read(address + at));
    if (value === undefined) continue;
    examined++;
    const [recorded, found] = [value + member.plus, words[object] ?? 0];
    if (recorded <= found || recorded > MOST_COUNT) continue;
    if (reach.graph.read.missing > 0 && leadsToUnread(memory, address, size)) unseen++;
    else note(object, address, recorded, found);
  }
  return {
    type,
    isProven: PROVEN.has(type),
    member: member.name,
    cache: name,
    objectSize: size,
    examined,
    unseen,
    groups: [...groups.values()].toSorted((a, b) => b.objects - a.objects),
  };
}
