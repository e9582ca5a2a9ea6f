import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { VmallocArea } from '../../formats/proc/vmallocinfo.ts';
import type { VmallocUse, VmallocUser } from '../snapshot.ts';

/**
 * Functions that appear as the caller of a kernel stack. kernel/fork.c, alloc_thread_stack_node() names the function it
 * returns to, and the compiler inlines it into one of these, release by release.
 */
const STACK_CALLERS = new Set([
  'alloc_thread_stack_node',
  'dup_task_struct',
  'copy_process',
  'kernel_clone',
  '_do_fork',
  'do_fork',
  'fork_idle',
  'create_io_thread',
  'vhost_task_create',
]);

/** Areas of vmalloc space by caller, largest first. */
export function gatherVmalloc(sightings: readonly Sighting[], pageSize: Bytes): VmallocUse | undefined {
  const [vmallocinfo] = ofKind(sightings, 'vmallocinfo');
  if (!vmallocinfo) return undefined;
  const groups = Map.groupBy(vmallocinfo.value, (area) => `${area.caller} ${area.module ?? ''}`);
  const users = [...groups.values()].flatMap((areas) => userOf(areas, pageSize));
  const stacks = users.filter((user) => user.module === undefined && isStackCaller(user.caller));
  return {
    users: users.toSorted((a, b) => b.bytes - a.bytes),
    stackBytes: bytes(stacks.reduce((sum, user) => sum + user.bytes, 0)),
  };
}

/** `copy_process.part.0` and `dup_task_struct.isra.28` are copies that the compiler made. */
const isStackCaller = (caller: string): boolean => STACK_CALLERS.has(caller.split('.')[0] ?? '');

function userOf(areas: readonly VmallocArea[], pageSize: Bytes): readonly VmallocUser[] {
  const [first] = areas;
  const held = areas.reduce((sum, area) => sum + (area.pages ?? 0), 0) * pageSize;
  if (!first || !isQuantity(held)) return [];
  return [
    {
      caller: first.caller,
      ...(first.module === undefined ? {} : { module: first.module }),
      areas: areas.length,
      bytes: bytes(held),
      at: first.at,
    },
  ];
}
