import { bytes } from '../../base/units.ts';
import type { CodeOwner as FoundOwner } from '../../analysis/typing/code-owner.ts';
import {
  describeUnreachable,
  type DescribedPart,
  type DescribedUnit,
  type LostGroup,
} from '../../analysis/typing/describe-unreachable.ts';
import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { CodeOwner, LostPart, LostThing } from '../../model/dump-facts.ts';
import { spell } from '../core/addresses.ts';
import { typingTools } from '../core/groups.ts';
import type { CoreSession } from '../core/session.ts';

const MOST_WORDS = 12;
/** Parts that make up less of a unit than this came along by chance. */
const LEAST_SHARE = 0.01;

/** What was leaked and how often, the most bytes first: slab objects, with all that was leaked together with them. */
export function lostThings(session: CoreSession, tools: TypingTools = typingTools(session)): readonly LostThing[] {
  const { units } = describeUnreachable(session, tools);
  return units.flatMap((unit) => thingOf(session, unit) ?? []);
}

/** Undefined where its leading part is no slab object: blocks of pages and areas are told of elsewhere. */
function thingOf(session: CoreSession, unit: DescribedUnit): LostThing | undefined {
  const { lead, parts, owner, samples } = unit;
  const of = (nodes: number): boolean => nodes >= Math.max(1, unit.units * LEAST_SHARE);
  const leading = parts.find(({ group }) => group.number === lead.number);
  const first = leading && partOf(session, leading);
  if (!first) return undefined;
  const others = parts
    .filter((part) => part !== leading && of(part.nodes))
    .flatMap((part) => partOf(session, part) ?? []);
  return {
    units: unit.units,
    sources: unit.sources,
    independent: unit.units - unit.linked + (unit.linked > 0 ? 1 : 0),
    objects: unit.nodes,
    bytes: bytes(unit.bytes),
    parts: [first, ...others],
    reachableAlike: lead.reachable ?? 0,
    ...(owner ? { owner: codeOwner(owner) } : {}),
    words: wordsOf(lead),
    samples: samples.map(spell),
  };
}

function partOf(session: CoreSession, { group, nodes, bytes: size }: DescribedPart): LostPart | undefined {
  const cache = group.cache === undefined ? undefined : session.heap.caches[group.cache];
  if (!cache) return undefined;
  const { type } = group.description ?? {};
  const [best] = type?.state === 'exact' ? type.candidates : [];
  return {
    cache: cache.name,
    aliases: session.aliasesOf(cache.address),
    reclaimable: cache.reclaimable,
    objects: nodes,
    bytes: bytes(size),
    ...(best ? { type: `struct ${best.type.name}` } : {}),
  };
}

export function codeOwner({ kind, module, function: name, variable, word }: FoundOwner): CodeOwner {
  const named = name ?? variable ?? (kind === 'gone' && word ? spell(word.address) : undefined);
  return {
    ...(module === undefined ? {} : { module }),
    ...(named === undefined ? {} : { function: named }),
    ...(kind === 'gone' ? { gone: true as const } : {}),
  };
}

function wordsOf({ description }: LostGroup): LostThing['words'] {
  return (description?.fields ?? [])
    .flatMap(({ offset, symbol, member }) =>
      symbol === undefined ? [] : [{ offset, symbol, ...(member === undefined ? {} : { member }) }],
    )
    .slice(0, MOST_WORDS);
}
