import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';

/** A struct mount: a file system at its place. Texts are whatever users chose: escape before showing. */
export interface Mount {
  readonly address: bigint;
  readonly superblock: bigint;
  /** Of the file system: ext4, proc. */
  readonly type: string;
  readonly device: string;
  /** Where it is mounted, from the root of everything. */
  readonly directory: string;
}

const MOST_MOUNTS = 1_000_000;
/** PATH_MAX / 2, and no deeper. */
const DEEPEST = 2048;
const LONGEST_NAME = 255;

/** The mounts that a task sees, in the order in which they were made. `task`: of its struct task_struct. */
export function walkMounts(kernel: Kernel, task: bigint): Walked<readonly Mount[]> {
  const problems: string[] = [];
  try {
    const { memory, layouts } = kernel;
    const space = ifThere(() => viewStruct(memory, layouts, 'task_struct', task).follow('nsproxy')?.follow('mnt_ns'));
    if (!space)
      return { value: [], problems: ['the task has no mounts: it has exited, or its namespace cannot be read'] };
    const value: Mount[] = [];
    for (const address of mountsOf(kernel, space, problems)) {
      const mount = ifThere(() => readMount(kernel, address));
      if (mount) value.push(mount);
      else problems.push(`the mount at ${address.toString(16)} cannot be read`);
    }
    return { value, problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [...problems, `no mounts: ${cause.message}`] };
  }
}

/** A list to 6.7; since 6.8 (commit 2eea9ce4310d) a tree by the number of each mount, which grows. */
function* mountsOf(kernel: Kernel, space: StructView, problems: string[]): Generator<bigint> {
  const { memory, layouts } = kernel;
  const mount = layouts.needStruct('mount');
  const problem = (what: string): void => void problems.push(`the list of mounts ${what}`);
  if (space.has('list') && mount.has('mnt_list')) {
    const offset = BigInt(mount.need('mnt_list').offset);
    for (const entry of walkListFromBothEnds(memory, space.address('list'), problem, MOST_MOUNTS)) yield entry - offset;
    return;
  }
  const offset = BigInt(mount.need('mnt_node').offset);
  for (const node of inOrder(kernel, space.pointer('mounts.rb_node'), problem)) yield node - offset;
}

/** The nodes of a red-black tree, from the left. */
function* inOrder({ memory, layouts }: Kernel, root: bigint, problem: (what: string) => void): Generator<bigint> {
  const node = layouts.needStruct('rb_node');
  const [left, right] = [BigInt(node.need('rb_left').offset), BigInt(node.need('rb_right').offset)];
  const seen = new Set<bigint>();
  const open: bigint[] = [];
  for (let at = root; at !== 0n || open.length > 0;) {
    if (at !== 0n) {
      if (seen.has(at) || seen.size >= MOST_MOUNTS) return problem(`goes round at ${at.toString(16)}`);
      seen.add(at);
      open.push(at);
      at = ifThere(() => memory.u64(at + left)) ?? 0n;
      continue;
    }
    const next = open.pop() ?? 0n;
    yield next;
    at = ifThere(() => memory.u64(next + right)) ?? 0n;
  }
}

function readMount(kernel: Kernel, address: bigint): Mount {
  const view = viewStruct(kernel.memory, kernel.layouts, 'mount', address);
  const superblock = view.pointer('mnt.mnt_sb');
  const block = viewStruct(kernel.memory, kernel.layouts, 'super_block', superblock);
  return {
    address,
    superblock,
    type: ifThere(() => block.follow('s_type')?.text('name')) ?? '?',
    device: ifThere(() => view.text('mnt_devname')) ?? '',
    directory: pathInMounts(kernel, address, view.pointer('mnt.mnt_root')),
  };
}

/**
 * The path of a dentry from the root of everything, through the places where file systems are mounted. Begins with `…` where
 * a part of it cannot be read. `mount`: of the struct mount.
 */
export function pathInMounts({ memory, layouts }: Kernel, mount: bigint, dentry: bigint): string {
  const names: string[] = [];
  let [at, within] = [dentry, mount];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const step = ifThere(() => {
      const view = viewStruct(memory, layouts, 'dentry', at);
      const place = viewStruct(memory, layouts, 'mount', within);
      const parent = view.pointer('d_parent');
      if (at !== place.pointer('mnt.mnt_root') && parent !== at)
        return { name: memory.string(view.pointer('d_name.name'), LONGEST_NAME), to: parent, within };
      const above = place.pointer('mnt_parent');
      return above === within ? undefined : { to: place.pointer('mnt_mountpoint'), within: above };
    });
    if (step === undefined) {
      const whole = ifThere(() => memory.u64(at)) !== undefined;
      return `${whole ? '' : '…'}/${names.toReversed().join('/')}`;
    }
    if (step.name !== undefined) names.push(step.name);
    [at, within] = [step.to, step.within];
  }
  return `…/${names.slice(0, 8).toReversed().join('/')}`;
}

/** The struct mount that a struct vfsmount lies in. */
export const mountOf = ({ layouts }: Kernel, vfsmount: bigint): bigint =>
  BigInt.asUintN(64, vfsmount - BigInt(layouts.member('mount', 'mnt')?.offset ?? 0));
