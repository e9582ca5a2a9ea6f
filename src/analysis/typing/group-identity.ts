import type { ObjectGroup } from '../clustering/group-objects.ts';
import { thin } from '../clustering/spread.ts';
import type { GroupDescription, TypingScope } from './describe-group.ts';
import { explainWords } from './score-fields.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import { groupFacts, type GroupFacts } from './word-facts.ts';

/** In natural logarithms, as much as an exact answer has to have. */
const LEAST_SCORE = 6;
const NEARLY_ALL = 0.9;

/** Symbols that all objects of a group point to, within their type, by offset. */
function marksOf({ facts }: Pick<GroupDescription, 'facts'>, type: StructType): readonly (readonly [number, bigint])[] {
  return facts.words.slice(0, Math.ceil(type.size / 8)).flatMap(({ facts: [fact] }, i) => {
    if (!fact || fact.share < NEARLY_ALL) return [];
    const { seen } = fact;
    return seen.kind === 'symbol' || seen.kind === 'inside' || seen.kind === 'gone'
      ? [[i * 8, seen.symbol.address] as const]
      : [];
  });
}

/** Groups with the same are one: their type is known, and in it they point to the same symbols. Else undefined. */
function identityOf(cache: number, description: GroupDescription | undefined): string | undefined {
  const [only] = description?.type.state === 'exact' ? description.type.candidates : [];
  if (!description || !only) return undefined;
  const marks = marksOf(description, only.type).map(([offset, address]) => `${offset}:${address.toString(36)}`);
  return `${cache} ${only.type.name} ${marks.join(' ')}`;
}

/** A group and what it is. */
export interface DescribedGroup {
  readonly group: ObjectGroup;
  readonly description: GroupDescription;
}

/** Groups that turned out to be one, with the numbers of all that it is made of. */
export interface JoinedGroup extends DescribedGroup {
  readonly numbers: readonly number[];
}

/** Groups of one type whose objects differ in what they do not use, as one. Large ones first are what small ones join. */
export function joinAlike(
  scope: TypingScope,
  large: readonly DescribedGroup[],
  small: readonly ObjectGroup[],
): { readonly joined: readonly JoinedGroup[]; readonly rest: readonly ObjectGroup[] } {
  const joined = new Map<string, JoinedGroup>();
  const add = (key: string, { group, description }: DescribedGroup): void => {
    const known = joined.get(key);
    const numbers = [...(known?.numbers ?? []), group.number];
    joined.set(key, known ? { ...known, numbers, group: sumOf(known.group, group) } : { group, description, numbers });
  };
  for (const described of large) add(keyOf(described), described);
  const rest = small.filter((group) => {
    const of = groupFor(scope, group, large);
    if (of) add(keyOf(of), { group, description: of.description });
    return !of;
  });
  return { joined: [...joined.values()].toSorted((a, b) => b.group.objects - a.group.objects), rest };
}

const keyOf = ({ group, description }: DescribedGroup): string =>
  identityOf(group.cache, description) ?? `${group.number}`;

const sumOf = (a: ObjectGroup, b: ObjectGroup): ObjectGroup => ({
  ...a,
  objects: a.objects + b.objects,
  unreachable: a.unreachable + b.unreachable,
  lost: [...a.lost, ...b.lost],
  reached: [...a.reached, ...b.reached],
});

/** Objects that are read to see whether a small group is of a larger one. */
const FEW_SAMPLES = 4;

/**
 * The described group that a small one is of, if any: a few objects that differ from the others behind the end of their type
 * are of a typed group all the same.
 */
function groupFor(
  { reader, world }: TypingScope,
  small: ObjectGroup,
  described: readonly DescribedGroup[],
): DescribedGroup | undefined {
  const near = described.filter(
    ({ group, description }) => group.cache === small.cache && description.type.state === 'exact',
  );
  if (near.length === 0) return undefined;
  const objects = thin(small.lost.length > 0 ? small.lost : small.reached, FEW_SAMPLES);
  const facts = groupFacts(reader, objects, reader.space.strides[small.cache] ?? 0);
  return near.find(({ description }) => {
    const type = description.type.candidates[0]?.type;
    return type !== undefined && fitsDescription(world, facts, type, description);
  });
}

/** Whether a few objects, that need not be enough to tell a type from, are of a group that is described. */
function fitsDescription(
  world: TypeWorld,
  facts: GroupFacts,
  type: StructType,
  description: GroupDescription,
): boolean {
  const { score, telling } = explainWords(world, type, world.catalog.fields(type), facts.words);
  if (score < LEAST_SCORE || telling.length === 0) return false;
  return marksOf(description, type).every(([offset, address]) =>
    facts.words[offset >>> 3]?.facts.some(
      ({ seen }) =>
        (seen.kind === 'symbol' || seen.kind === 'inside' || seen.kind === 'gone') && seen.symbol.address === address,
    ),
  );
}
