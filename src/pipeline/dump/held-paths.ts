import { pathCopies } from '../../analysis/holding/path-copies.ts';
import type { HeldKind } from '../../analysis/holding/tally-holders.ts';
import type { GroupDescription } from '../../analysis/typing/describe-group.ts';
import type { HeldPaths } from '../../model/dump-facts.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { spell } from '../core/addresses.ts';
import type { CoreSession } from '../core/session.ts';

/** struct path copies in objects that are described: `leads` are the addresses of some of them, `kinds` all that is held. */
export function heldPaths(
  { kernel, heap }: CoreSession,
  description: GroupDescription | undefined,
  leads: readonly bigint[],
  kinds: readonly HeldKind[],
): HeldPaths | undefined {
  const { memory, layouts } = kernel;
  const numberOf = (name: string): number => heap.caches.findIndex((cache) => cache.name === name);
  const [mounts, dentries] = [numberOf('mnt_cache'), numberOf('dentry')];
  const anchor = layouts.member('mount', 'mnt')?.offset ?? 0;
  const place = description && pathCopies(description.facts.words, mounts, dentries, anchor);
  if (!place) return undefined;
  const systems = new Map<string, bigint>();
  for (const lead of leads) {
    ifThere(() => {
      const mount = memory.u64(lead + BigInt(place.offset));
      const name = viewStruct(memory, layouts, 'vfsmount', mount).follow('mnt_sb')?.follow('s_type')?.text('name');
      if (name !== undefined) systems.set(name, mount);
    });
  }
  const [first] = systems.values();
  return {
    offset: place.offset,
    dentries: kinds.find(({ kind }) => kind === dentries)?.objects ?? 0,
    fileSystems: [...systems.keys()].toSorted(),
    ...(first === undefined ? {} : { mount: spell(first) }),
  };
}
