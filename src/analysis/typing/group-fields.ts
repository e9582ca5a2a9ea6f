import type { EmbeddedStruct } from './embedded-structs.ts';
import type { InferredType } from './infer-type.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import type { GroupFacts, Seen, WordFacts } from './word-facts.ts';

/** A word that all or most objects of a group have in common. */
export interface GroupField {
  /** Bytes from the start of the object. */
  readonly offset: number;
  /** What most of them hold there. */
  readonly kind: Seen['kind'];
  /** Of the objects that were read, how many hold that. */
  readonly share: number;
  /** Where all of them hold the same. */
  readonly value?: bigint;
  /** What it points to: `single_start`, `init_net+0x10`, `show [module]`; of code that is gone its address alone. */
  readonly symbol?: string;
  /** What it points to, where that is text of the image. */
  readonly text?: string;
  /** Of a pointer to a slab object: its cache. */
  readonly cache?: string;
  /** The member of the type, or of a struct that is embedded: `ops`, `delayed_work.timer.function`. */
  readonly member?: string;
}

/** Fields that are told of a group; larger objects have few words that say more. */
const MOST_FIELDS = 128;
const LEAST_SHARE = 0.5;

/** What the words of a group hold, those left out that are zero or a number that differs. */
export function groupFields(
  world: TypeWorld,
  { words }: GroupFacts,
  type: InferredType,
  embedded: readonly EmbeddedStruct[],
): readonly GroupField[] {
  const [only] = type.state === 'exact' ? type.candidates : [];
  const end = only ? Math.ceil(only.type.size / 8) : words.length;
  return words
    .slice(0, end)
    .flatMap((word, i) => fieldAt(world, word, i * 8, only?.type, embedded))
    .slice(0, MOST_FIELDS);
}

function fieldAt(
  world: TypeWorld,
  { facts, value }: WordFacts,
  offset: number,
  type: StructType | undefined,
  embedded: readonly EmbeddedStruct[],
): readonly GroupField[] {
  const [fact] = facts;
  if (!fact || fact.share < LEAST_SHARE || fact.seen.kind === 'zero') return [];
  const { seen, share } = fact;
  if (value === undefined && (seen.kind === 'number' || seen.kind === 'text')) return [];
  const member = type ? world.memberAt(type, offset, seen) : memberOfEmbedded(world, embedded, offset, seen);
  return [
    {
      offset,
      kind: seen.kind,
      share,
      ...(value === undefined ? {} : { value }),
      ...targetOf(world, seen, value),
      ...(member === undefined ? {} : { member }),
    },
  ];
}

/** What a pointer leads to. Text has no symbols of its own: the nearest one below would be a stranger's. */
function targetOf(
  world: TypeWorld,
  seen: Seen,
  value: bigint | undefined,
): Pick<GroupField, 'symbol' | 'text' | 'cache'> {
  const cache = seen.kind === 'object' ? world.heap.caches[seen.cache]?.name : undefined;
  if (cache !== undefined) return { cache };
  const text = seen.kind === 'symbol' && !seen.isCode && seen.offset > 0 ? world.textAt(value) : undefined;
  if (text !== undefined) return { text };
  const symbol = spellSymbol(seen);
  return symbol === undefined ? {} : { symbol };
}

function memberOfEmbedded(
  world: TypeWorld,
  embedded: readonly EmbeddedStruct[],
  offset: number,
  seen: Seen,
): string | undefined {
  const around = embedded.find(({ type, offset: start }) => offset >= start && offset < start + type.size);
  const member = around && world.memberAt(around.type, offset - around.offset, seen);
  return around && `${around.type.name}${member === undefined ? '' : `.${member}`}`;
}

function spellSymbol(seen: Seen): string | undefined {
  if (seen.kind !== 'symbol' && seen.kind !== 'inside' && seen.kind !== 'gone') return undefined;
  const { symbol, address } = seen.symbol;
  if (!symbol) return address.toString(16);
  const offset = seen.kind === 'symbol' && seen.offset > 0 ? `+0x${seen.offset.toString(16)}` : '';
  return `${symbol.name}${offset}${symbol.module === undefined ? '' : ` [${symbol.module}]`}`;
}
