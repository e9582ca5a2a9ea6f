import type { CoreLeakGroup, CoreLeaks } from '../../findings/core/core-leaks.ts';
import type { LostThing } from '../../model/dump-facts.ts';
import { lostMemory } from '../dump/lost-memory.ts';
import { lostPercpu } from '../dump/lost-percpu.ts';
import { lostThings } from '../dump/lost-things.ts';
import { sweepOf } from '../dump/sweep.ts';
import type { CoreSession } from './session.ts';

/** What nothing leads to. Throws InputError where the dump has no types. */
export function coreLeaks(session: CoreSession): CoreLeaks {
  const { scanned, missing, referencesMissed } = sweepOf(session);
  const things = lostThings(session);
  const sum = (of: (thing: LostThing) => number): number => things.reduce((total, thing) => total + of(thing), 0);
  return {
    scanned: { bytes: scanned.bytes, words: scanned.words, seconds: scanned.seconds },
    objects: scanned.objects,
    unreachable: { objects: sum(({ objects }) => objects), bytes: sum(({ bytes }) => bytes) },
    missing: { bytes: missing, references: referencesMissed },
    groups: things.map((thing) => group(thing, referencesMissed)),
    memory: lostMemory(session).map(({ holder, ...memory }) => ({
      ...memory,
      ...(holder
        ? { holder: { symbol: holder.symbol, ...(holder.module === undefined ? {} : { module: holder.module }) } }
        : {}),
    })),
    ...(session.reachability.percpu ? { percpu: lostPercpu(session) } : {}),
  };
}

function group(thing: LostThing, missed: number): CoreLeakGroup {
  const { parts, owner, units, sources } = thing;
  const [lead, ...others] = parts;
  return {
    cache: lead.cache,
    ...(lead.type === undefined ? {} : { type: lead.type }),
    units,
    objects: thing.objects,
    bytes: thing.bytes,
    referrers: sources > units / 2 ? 'none' : 'each other',
    certain: thing.independent > missed,
    ...(owner
      ? {
          owner: {
            ...(owner.module === undefined ? {} : { module: owner.module }),
            ...(owner.function === undefined ? {} : { function: owner.function }),
          },
        }
      : {}),
    with: others.map(({ cache, type, objects }) => ({ cache, ...(type === undefined ? {} : { type }), objects })),
    fields: thing.words,
    samples: thing.samples,
  };
}
