import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { viewStruct, type StructView } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';
import { eachObject } from './each-object.ts';
import { FileSystems } from './file-systems.ts';

/** A dentry whose count does not agree with what refers to it, or that stands for several alike. */
export interface DentryGroup {
  /** Name of the file system type: tmpfs, sockfs. Chosen by the kernel's modules: escape before showing. */
  readonly fileSystem: string;
  readonly recorded: number;
  /** Words in live memory that hold the dentry's address, and what pins it. */
  readonly found: number;
  readonly hashed: boolean;
  readonly negative: boolean;
  readonly objects: number;
  readonly unreachable: number;
  readonly samples: readonly bigint[];
}

export interface DentryAudit {
  readonly cache: string;
  readonly objectSize: number;
  readonly examined: number;
  /** Dentries that a file system keeps by a count of its own, by its name. */
  readonly pinned: ReadonlyMap<string, number>;
  /** Counts above what was found, the most objects first. */
  readonly disagreeing: readonly DentryGroup[];
}

/**
 * File systems that keep every dentry they made by a count of their own until it is removed (simple_pinned entries,
 * d_make_persistent): one more than anything in memory refers to.
 */
const PINNING = new Set([
  'apparmorfs',
  'autofs',
  'bdev',
  'binder',
  'binfmt_misc',
  'bpf',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'functionfs',
  'fusectl',
  'hugetlbfs',
  'mqueue',
  'nfsd',
  'pstore',
  'ramfs',
  'resctrl',
  'rootfs',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'smackfs',
  'tmpfs',
  'tracefs',
]);
const MOST_SAMPLES = 8;
/** Where counting words ended: a directory with more entries cannot be told. */
const MOST_COUNTED = 0xffff;

/**
 * Compares the count of every dentry with the words that hold its address. A dentry is held by its children, by open
 * files, by mounts and working directories; what nothing in memory accounts for was taken and not given back.
 */
export function auditDentries(kernel: Kernel, heap: SlabHeap, reach: Reachability): DentryAudit | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct('dentry');
  const cache = heap.caches.findIndex(({ name }) => name === 'dentry');
  if (!layout?.has('d_lockref.count') || cache < 0) return undefined;
  const tally = new DentryTally(reach, new FileSystems(kernel));
  for (const { object, address } of eachObject(kernel, heap, cache)) {
    const view = ifThere(() => viewStruct(memory, layouts, layout, address));
    if (view) ifThere(() => tally.add(view, object, address));
  }
  return { cache: 'dentry', objectSize: heap.caches[cache]?.size ?? 0, ...tally.finish() };
}

type Counted = Omit<DentryGroup, 'objects' | 'unreachable' | 'samples'>;

class DentryTally {
  readonly #reach: Reachability;
  readonly #systems: FileSystems;
  readonly #pinned = new Map<string, number>();
  readonly #groups = new Map<string, Counted & { objects: number; unreachable: number; samples: bigint[] }>();
  #examined = 0;

  constructor(reach: Reachability, systems: FileSystems) {
    this.#reach = reach;
    this.#systems = systems;
  }

  add(view: StructView, object: number, address: bigint): void {
    const [recorded, sb] = [view.number('d_lockref.count'), view.pointer('d_sb')];
    this.#examined++;
    // Below zero it is being taken down; without a file system it is not set up.
    if (recorded <= 0 || sb === 0n) return;
    const words = this.#reach.graph.baseWords[object] ?? 0;
    const { name, root } = this.#systems.at(sb);
    const hashed = view.pointer('d_hash.pprev') !== 0n;
    const negative = view.pointer('d_inode') === 0n;
    const kept = hashed && !negative && root !== address && PINNING.has(name);
    if (kept) this.#pinned.set(name, (this.#pinned.get(name) ?? 0) + 1);
    const found = words + (kept || root === address ? 1 : 0);
    if (recorded > found && words < MOST_COUNTED)
      this.#disagree({ fileSystem: name, recorded, found, hashed, negative }, object, address);
  }

  #disagree(counted: Counted, object: number, address: bigint): void {
    const key = Object.values(counted).join(' ');
    const group = this.#groups.get(key) ?? { ...counted, objects: 0, unreachable: 0, samples: [] };
    group.objects++;
    if (!this.#reach.marked.has(object)) group.unreachable++;
    if (group.samples.length < MOST_SAMPLES) group.samples.push(address);
    this.#groups.set(key, group);
  }

  finish(): Pick<DentryAudit, 'examined' | 'pinned' | 'disagreeing'> {
    const disagreeing = [...this.#groups.values()].toSorted((a, b) => b.objects - a.objects);
    return { examined: this.#examined, pinned: this.#pinned, disagreeing };
  }
}
