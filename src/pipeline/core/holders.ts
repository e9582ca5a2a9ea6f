import type { CoreDentries, CoreRefcounts, CoreSockets } from '../../findings/core/core-holders.ts';
import { auditDentries } from '../../analysis/audit/audit-dentries.ts';
import { auditCounts } from '../../analysis/audit/audit-counts.ts';
import { auditMounts } from '../../analysis/audit/audit-mounts.ts';
import { measureDentryUse } from '../../analysis/audit/measure-dentries.ts';
import { measureSocketUse } from '../../analysis/audit/measure-sockets.ts';
import { InputError } from '../../sources/input-error.ts';
import { spell } from './addresses.ts';
import { isMerged } from './merged-caches.ts';
import type { CoreSession } from './session.ts';

const NO_TYPES = 'give --symbols with the vmlinux of this kernel';

/** Dentries by directory. Throws InputError where the types do not say how a dentry looks. */
export function coreDentries({ kernel, heap }: CoreSession): CoreDentries {
  const use = measureDentryUse(kernel, heap);
  if (!use) throw new InputError(kernel.file, 'does not say how a dentry looks', NO_TYPES);
  return { ...use, directories: use.directories.map((d) => ({ ...d, samples: d.samples.map(spell) })) };
}

/** Sockets by protocol, state and owner. Throws InputError as above. */
export function coreSockets({ kernel, heap, users }: CoreSession): CoreSockets {
  const use = measureSocketUse(kernel, heap, users.tasks);
  if (!use) throw new InputError(kernel.file, 'does not say how a socket looks', NO_TYPES);
  return { ...use, groups: use.groups.map((g) => ({ ...g, samples: g.samples.map(spell) })) };
}

/** Counts that are above what refers to an object. */
export function coreRefcounts(session: CoreSession): CoreRefcounts {
  const { kernel, heap, reachability } = session;
  const dentries = auditDentries(kernel, heap, reachability);
  const mounts = dentries ? auditMounts(kernel, heap, reachability, dentries.pinned) : undefined;
  const sum = (groups: readonly { readonly objects: number }[]): number => groups.reduce((n, g) => n + g.objects, 0);
  const ofDentries = dentries && {
    type: 'struct dentry',
    cache: dentries.cache,
    objects: dentries.examined,
    disagreeing: sum(dentries.disagreeing),
    bytes: sum(dentries.disagreeing) * dentries.objectSize,
    groups: dentries.disagreeing.map(({ recorded, found, objects, unreachable, fileSystem, samples }) => ({
      recorded,
      found,
      objects,
      unreachable,
      fileSystem,
      samples: samples.map(spell),
    })),
  };
  const others = auditCounts(kernel, heap, reachability, (cache) => isMerged(session, cache)).map((audit) => ({
    type: `struct ${audit.type}`,
    member: audit.member,
    cache: audit.cache,
    objects: audit.examined,
    ...(audit.unseen > 0 ? { unseen: audit.unseen } : {}),
    disagreeing: sum(audit.groups),
    bytes: sum(audit.groups) * audit.objectSize,
    groups: audit.groups.map((g) => ({ ...g, samples: g.samples.map(spell) })),
  }));
  return {
    types: [...(ofDentries ? [ofDentries] : []), ...others].toSorted((a, b) => b.disagreeing - a.disagreeing),
    mounts: (mounts ?? [])
      .filter(({ recorded, found }) => recorded > found)
      .map(({ fileSystem, recorded, found }) => ({ fileSystem, recorded, found, excess: recorded - found })),
    missingBytes: reachability.graph.read.missing,
  };
}
