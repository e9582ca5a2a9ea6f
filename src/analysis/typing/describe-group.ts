import type { ObjectGroup } from '../clustering/group-objects.ts';
import { thin } from '../clustering/spread.ts';
import { codeOwner, type CodeOwner } from './code-owner.ts';
import { embeddedStructs, type EmbeddedStruct } from './embedded-structs.ts';
import { groupFields, type GroupField } from './group-fields.ts';
import { inferType, type InferredType, type TypeHint } from './infer-type.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import { groupFacts, type GroupFacts, type SampleReader, type WordFacts } from './word-facts.ts';

/** Objects of a group that are read whole to tell its type. */
const SAMPLES = 24;

/** What a group of objects is and whose. */
export interface GroupDescription {
  readonly facts: GroupFacts;
  readonly type: InferredType;
  /** Where the type is not known: structs of the kernel that it is built with. */
  readonly embedded: readonly EmbeddedStruct[];
  readonly fields: readonly GroupField[];
  readonly owner?: CodeOwner;
}

/** What typing reads. */
export interface TypingScope {
  readonly reader: SampleReader;
  readonly world: TypeWorld;
}

/** Unreachable objects speak for a group where it has any. */
export function describeGroup(
  { reader, world }: TypingScope,
  group: Pick<ObjectGroup, 'cache' | 'lost' | 'reached'>,
): GroupDescription {
  const objects = thin(group.lost.length > 0 ? group.lost : group.reached, SAMPLES);
  const stride = reader.space.strides[group.cache] ?? 0;
  return describeFacts(world, group.cache, groupFacts(reader, objects, stride), []);
}

export function describeFacts(
  world: TypeWorld,
  cache: number,
  facts: GroupFacts,
  hints: readonly TypeHint[],
): GroupDescription {
  const type = inferType(world, world.cache(cache), facts.words, hints);
  const [only] = type.state === 'exact' ? type.candidates : [];
  const words = only ? pointersOf(world, only.type, facts.words) : facts.words;
  const owner = ownerOf(world, cache, codeOwner(words), only?.type);
  const embedded = type.state === 'exact' ? [] : embeddedStructs(world, facts.words);
  const fields = groupFields(world, facts, type, embedded);
  return { facts, type, embedded, fields, ...(owner ? { owner } : {}) };
}

/**
 * Only members that may point somewhere name an owner: numbers may look like addresses, and what lies behind the type may be
 * left over from an earlier owner of the memory.
 */
function pointersOf(world: TypeWorld, type: StructType, words: readonly WordFacts[]): readonly WordFacts[] {
  const fields = world.catalog.fields(type);
  const isPointer = (i: number): boolean =>
    fields[i]?.some(({ kind }) => kind === 'function' || kind === 'pointer' || kind === 'tagged') ?? false;
  return words.map((word, i) => (isPointer(i) ? word : { facts: [] }));
}

/** Structs that somebody else's function makes an instance of: the kernel's own show function is whose they are. */
const CARRIERS: ReadonlySet<string> = new Set(['seq_operations', 'callback_head', 'work_struct', 'timer_list']);

/**
 * Code of a module before the module that made the cache. Functions of the kernel in a struct of the kernel belong to what it
 * is, and name nobody.
 */
function ownerOf(
  world: TypeWorld,
  cache: number,
  named: CodeOwner | undefined,
  type: StructType | undefined,
): CodeOwner | undefined {
  if (named && named.kind !== 'kernel') return named;
  // A cache of the kernel may serve that of a module too: what it is named for itself is not the module's.
  const isNamedFor = type !== undefined && world.cache(cache).named.includes(type);
  const made = isNamedFor ? undefined : world.cacheOwner(cache);
  if (made) return { kind: 'module', ...made };
  return type === undefined || CARRIERS.has(type.name) ? named : undefined;
}
