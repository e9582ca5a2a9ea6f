import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, sumBytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { ArcStatistic } from '../../formats/proc/arcstats.ts';
import type { Pool } from '../snapshot.ts';

/** Memory whose manager says itself how much it holds. */
export function gatherPools(sightings: readonly Sighting[]): readonly Pool[] {
  return [...arc(sightings), ...splSlabs(sightings), ...buffers(sightings), ...btreeCaches(sightings)];
}

/** The ARC's `size` is all it holds, headers included; `c_max` the most it may. */
function arc(sightings: readonly Sighting[]): readonly Pool[] {
  const statistics = ofKind(sightings, 'arcstats')[0]?.value;
  const size = statistics?.get('size');
  const limit = statistics?.get('c_max');
  if (!isAmount(size)) return [];
  return [
    {
      id: 'zfs-arc',
      name: 'ZFS ARC',
      owner: 'zfs',
      bytes: bytes(size.value),
      ...(isAmount(limit) ? { limit: bytes(limit.value) } : {}),
      at: size.at,
    },
  ];
}

const isAmount = (statistic: ArcStatistic | undefined): statistic is ArcStatistic =>
  statistic !== undefined && isQuantity(statistic.value);

/** Caches with slabs of their own; the others stand on the kernel's slab caches and are counted there. */
function splSlabs(sightings: readonly Sighting[]): readonly Pool[] {
  const own = (ofKind(sightings, 'spl-slab')[0]?.value ?? []).filter((cache) => cache.size !== undefined);
  const held = own.reduce((sum, cache) => sum + (cache.size ?? 0), 0);
  const used = own.reduce((sum, cache) => sum + cache.allocated, 0);
  const objects = own.reduce((sum, cache) => sum + (cache.objects ?? 0), 0);
  const [first] = own;
  if (!first || ![held, used, objects].every(isQuantity)) return [];
  const from = own.map((cache) => cache.at);
  const at: Provenance = from.length === 1 ? first.at : { kind: 'derived', from, by: 'sum of SPL slab sizes' };
  const counted = own.every((cache) => cache.objects !== undefined);
  return [
    {
      id: 'spl-slab',
      name: 'SPL slabs',
      owner: 'spl',
      bytes: bytes(held),
      used: bytes(used),
      ...(counted ? { objects } : {}),
      at,
    },
  ];
}

function buffers(sightings: readonly Sighting[]): readonly Pool[] {
  return ofKind(sightings, 'bo-stats').flatMap(({ value }) => {
    // No objects is a measured nothing: what the other reading held is gone.
    const held = value.bytes ?? (value.objects === 0 ? bytes(0) : undefined);
    return held === undefined
      ? []
      : [
          {
            id: 'gpu-buffers' as const,
            name: value.driver === 'v3d' ? 'V3D buffer objects' : 'VC4 buffer objects',
            owner: value.driver,
            bytes: held,
            ...(value.objects === undefined ? {} : { objects: value.objects }),
            at: value.at,
          },
        ];
  });
}

/** Live and pinned nodes are in use; reserved and freed ones keep their buffers. `dirty` counts live ones again. */
function btreeCaches(sightings: readonly Sighting[]): readonly Pool[] {
  return ofKind(sightings, 'bcachefs-btree-cache').flatMap(({ value }) => {
    const kept = [...value.states].filter(([state]) => state !== 'dirty');
    const live = kept.filter(([state]) => state === 'live' || state === 'pinned').map(([, held]) => held);
    const held = kept.reduce((sum, [, state]) => sum + state.bytes, 0);
    if (kept.length === 0 || !isQuantity(held)) return [];
    return [
      {
        id: 'bcachefs-btree-cache' as const,
        name: 'bcachefs btree node cache',
        owner: 'bcachefs',
        bytes: bytes(held),
        used: sumBytes(live.map((state) => state.bytes)),
        objects: live.reduce((sum, state) => sum + state.nodes, 0),
        at: value.at,
      },
    ];
  });
}
