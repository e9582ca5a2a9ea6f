import type { RecordKind, Sighting, SightingOf } from './catalog.ts';

/** The blocks of one kind. Stands alone so that who reads a few formats need not load them all. */
export function ofKind<K extends RecordKind>(sightings: readonly Sighting[], kind: K): readonly SightingOf<K>[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the filter on kind is what the type says
  return sightings.filter((s) => s.kind === kind) as unknown as readonly SightingOf<K>[];
}
