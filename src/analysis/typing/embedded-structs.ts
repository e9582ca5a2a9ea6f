import { explainWords } from './score-fields.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import type { Seen, WordFacts } from './word-facts.ts';

/** A struct of the kernel inside of an object whose own type is not known. */
export interface EmbeddedStruct {
  readonly type: StructType;
  /** Bytes from the start of the object. */
  readonly offset: number;
}

/**
 * What drivers build their own structs with, larger ones before those they hold: each has a function or a table at a fixed
 * place, so that it can be told by content. Locks and wait queues are left out: an empty one is a list among zeros.
 */
const BUILDING_BLOCKS = [
  'net_device',
  'device',
  'cdev',
  'delayed_work',
  'work_struct',
  'hrtimer',
  'timer_list',
  'tasklet_struct',
  'notifier_block',
  'kobject',
  'callback_head',
  'list_head',
] as const;

/** In natural logarithms. */
const LEAST_SCORE = 6;
/** Objects are searched so far, in words. */
const MOST_WORDS = 256;

/** Building blocks that the words of a group show, in the order of their offsets; none overlaps another. */
export function embeddedStructs(world: TypeWorld, words: readonly WordFacts[]): readonly EmbeddedStruct[] {
  const found: EmbeddedStruct[] = [];
  const searched = words.slice(0, MOST_WORDS);
  const taken = new Uint8Array(searched.length);
  for (const name of BUILDING_BLOCKS) {
    const type = world.catalog.find(name);
    if (!type) continue;
    const count = Math.ceil(type.size / 8);
    for (let at = 0; at + count <= searched.length; at++) {
      if (taken.subarray(at, at + count).includes(1) || !shows(world, type, searched.slice(at, at + count), at * 8))
        continue;
      taken.fill(1, at, at + count);
      found.push({ type, offset: at * 8 });
    }
  }
  return found.toSorted((a, b) => a.offset - b.offset);
}

/** Better than chance, by something that tells, and with nothing that speaks against it. */
function shows(world: TypeWorld, type: StructType, words: readonly WordFacts[], offset: number): boolean {
  // Most places hold nothing that any of them is told by.
  if (!words.some(({ facts }) => facts.some(({ seen }) => seen.kind === 'self' || seen.kind === 'symbol')))
    return false;
  const moved = words.map(({ facts }) => ({
    facts: facts.map((fact) => ({ ...fact, seen: move(fact.seen, offset) })),
  }));
  if (type.name === 'list_head')
    return moved.every(({ facts }) => facts.some(({ seen, share }) => isHead(seen, share)));
  const { score, telling, words: scores } = explainWords(world, type, world.catalog.fields(type), moved);
  return score >= LEAST_SCORE && telling.length > 0 && scores.every((word) => word > -3);
}

/** An empty list: both ends lead to the head. */
const isHead = (seen: Seen, share: number): boolean => seen.kind === 'self' && seen.offset === 0 && share > 0.5;

/** Offsets within the object become those within the struct. */
const move = (seen: Seen, offset: number): Seen =>
  seen.kind === 'self' ? { kind: 'self', offset: seen.offset - offset } : seen;
