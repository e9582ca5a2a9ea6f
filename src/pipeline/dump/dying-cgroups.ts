import { bytes } from '../../base/units.ts';
import type { CgroupPin, CoreCgroups } from '../../findings/core/core-cgroups.ts';
import type { CgroupPinFacts, DumpFacts, DyingCgroups } from '../../model/dump-facts.ts';
import { walkMemoryCgroups } from '../../model/kernel/memory-cgroups.ts';
import { describeCgroups } from '../core/cgroups.ts';
import type { CoreSession } from '../core/session.ts';

/** Every host has a few on their way out. */
const FEWEST = 10;
const MOST_PINS = 8;
const MOST_NAMES = 4;

/** Dying memory cgroups where there are enough of them to be worth the search for what keeps them. */
export function dyingCgroups(session: CoreSession): Pick<DumpFacts, 'dyingCgroups'> {
  const { value: groups, problems } = walkMemoryCgroups(session.kernel);
  if (groups.filter(({ online }) => !online).length < FEWEST) return {};
  return { dyingCgroups: factsOf(describeCgroups(session, groups, problems)) };
}

function factsOf({ cgroups, dying, dyingBytes, bytesEach, pins, files, groups }: CoreCgroups): DyingCgroups {
  const gone = groups.filter(({ online }) => !online);
  const held = new Set(pins.flatMap(({ cgroupsHeld = [] }) => cgroupsHeld));
  const unaccounted = gone.filter(
    ({ references, otherReferences, address }) =>
      references !== undefined && references > 0 && otherReferences === references && !held.has(address),
  );
  return {
    cgroups,
    dying,
    ...(dyingBytes === undefined ? {} : { charged: bytes(dyingBytes) }),
    ownBytes: bytes(dying * bytesEach),
    unaccounted: unaccounted.length,
    pins: pins.slice(0, MOST_PINS).map(pinFacts),
    paths: gone.slice(0, MOST_NAMES).map(({ path }) => path),
    files: files
      .flatMap(({ path, fileSystem }) => (path === undefined ? [] : `${path} (${fileSystem})`))
      .slice(0, MOST_NAMES),
    samples: (unaccounted.length > 0 ? unaccounted : gone).slice(0, MOST_NAMES).map(({ address }) => address),
  };
}

const pinFacts = ({ kind, name, fileSystem, cgroups, bytes: size }: CgroupPin): CgroupPinFacts => ({
  by: name ?? (fileSystem === undefined ? kind : `${kind} of ${fileSystem}`),
  reclaimable: kind === 'page cache',
  cgroups,
  ...(size === undefined ? {} : { bytes: bytes(size) }),
});
