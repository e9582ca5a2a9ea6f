import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { possibleCpus, type Cpu } from './cpus.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';
import { readPercpuRef } from './percpu-ref.ts';
import { u64Variable } from './variables.ts';

/** A struct mem_cgroup. */
export interface MemoryCgroup {
  readonly address: bigint;
  /** From the root of all cgroups: `/system.slice/cron.service`. Names are whatever users chose: escape before showing. */
  readonly path: string;
  /** Of the struct mem_cgroup above; 0 for the root. */
  readonly parent: bigint;
  /** Its directory is there. One that is not is dying: gone for users, kept for as long as something refers to it. */
  readonly online: boolean;
  /** References to it; absent for the root, which has no count. */
  readonly references?: number;
  /** Below it, dying ones too. */
  readonly children: number;
  /** What is charged to it and those below it, as its page counter has it, in bytes. */
  readonly chargedBytes: number;
  /** References that entries in swap (and in kernels before 6.19 workingset shadows) have to its number; 1 is its own. */
  readonly idReferences?: number;
}

/** include/linux/cgroup-defs.h, since 3.12. */
const CSS_ONLINE = 2;
/** A host has at most 65,535 that can be told by their numbers; dying ones come on top. */
const MOST = 2_000_000;
const LONGEST_NAME = 255;

/**
 * Every memory cgroup, its parent before it. Those that were removed stay on the list of their parent until the last
 * reference to them is given back (css_release_work_fn). Empty where the kernel has no memory cgroups.
 */
export function walkMemoryCgroups(kernel: Kernel): Walked<readonly MemoryCgroup[]> {
  const root = u64Variable(kernel, 'root_mem_cgroup') ?? 0n;
  if (root === 0n || !kernel.layouts.has('mem_cgroup', 'css.children')) return { value: [], problems: [] };
  const problems: string[] = [];
  try {
    return { value: walkTree(kernel, root, problems), problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [`no memory cgroups: ${cause.message}`] };
  }
}

function walkTree(kernel: Kernel, root: bigint, problems: string[]): readonly MemoryCgroup[] {
  const { memory, layouts } = kernel;
  const layout = layouts.needStruct('mem_cgroup');
  const children = BigInt(layout.need('css.children').offset);
  const sibling = BigInt(layout.need('css.sibling').offset);
  const cpus = possibleCpus(kernel);
  const found = new Map<bigint, MemoryCgroup>();
  const open: { readonly address: bigint; readonly parent: bigint; readonly above: string }[] = [
    { address: root, parent: 0n, above: '' },
  ];
  for (let next = open.pop(); next && found.size < MOST; next = open.pop()) {
    const { address, parent, above } = next;
    if (found.has(address)) continue;
    const view = viewStruct(memory, layouts, layout, address);
    const name = parent === 0n ? '' : (ifThere(() => nameOf(kernel, view)) ?? '…');
    const path = parent === 0n ? '' : `${above}/${name}`;
    const below: bigint[] = [];
    const problem = (what: string): void => void problems.push(`the cgroups below ${path || '/'}: the list ${what}`);
    for (const entry of walkListFromBothEnds(memory, address + children, problem, MOST)) below.push(entry - sibling);
    const group = ifThere(() => readGroup(kernel, view, cpus, { path: path || '/', parent, children: below.length }));
    if (group) found.set(address, group);
    else problems.push(`the memory cgroup ${path || '/'} cannot be read`);
    for (const child of below.toReversed()) open.push({ address: child, parent: address, above: path });
  }
  return [...found.values()];
}

/** Of the directory, which the cgroup keeps while it lives (kernfs_node since 3.15). */
function nameOf({ memory }: Kernel, view: StructView): string {
  const node = view.struct('css').follow('cgroup')?.follow('kn');
  return node === undefined ? '…' : memory.string(node.pointer('name'), LONGEST_NAME);
}

function readGroup(
  kernel: Kernel,
  view: StructView,
  cpus: readonly Cpu[],
  place: Pick<MemoryCgroup, 'path' | 'parent' | 'children'>,
): MemoryCgroup {
  const references = ifThere(() => readPercpuRef(kernel, view.address('css.refcnt'), cpus));
  const id = view.has('id.ref') ? view.number('id.ref') : undefined;
  return {
    address: view.address(),
    ...place,
    online: (view.number('css.flags') & CSS_ONLINE) !== 0,
    ...(references ? { references: references.count } : {}),
    chargedBytes: Math.max(0, view.number('memory.usage')) * kernel.memory.pageSize,
    ...(id === undefined ? {} : { idReferences: id }),
  };
}
