import type { TypeHint } from './infer-type.ts';
import type { StructType } from './type-catalog.ts';
import type { TypeWorld } from './type-world.ts';
import type { GroupFacts } from './word-facts.ts';

/** Of the objects that point to a group, so many at least have to do it with the same member. */
const LEAST_SHARE = 0.5;

/**
 * What members of typed objects say about what they point to: `tty_struct.port` leads to a struct tty_port. `groupOf`: the
 * group of a node that is pointed to at its very start, −1 for none; hints are by group.
 */
export function spreadTypes(
  world: TypeWorld,
  type: StructType,
  { targets, words }: GroupFacts,
  groupOf: (node: number) => number,
): ReadonlyMap<number, readonly TypeHint[]> {
  const hints = new Map<number, TypeHint[]>();
  const fields = world.catalog.fields(type);
  for (let i = 0; i < Math.min(fields.length, words.length); i++) {
    const pointed = new Set(
      (fields[i] ?? []).flatMap((field) =>
        field.kind === 'pointer' && field.head === undefined && field.to.kind === 'struct' ? [field.to.name] : [],
      ),
    );
    const [name] = pointed;
    if (name === undefined || name === '' || pointed.size > 1) continue;
    const led = new Map<number, number>();
    for (const target of targets) {
      const group = startsAt(words[i], target[i] ?? -1) ? groupOf(target[i] ?? -1) : -1;
      if (group >= 0) led.set(group, (led.get(group) ?? 0) + 1);
    }
    for (const [group, count] of led) {
      if (count < LEAST_SHARE * targets.length) continue;
      const member = world.memberAt(type, i * 8, undefined) ?? '';
      const hint = { name, text: `${member} of struct ${type.name} leads to it` };
      hints.set(group, [...(hints.get(group) ?? []), hint]);
    }
  }
  return hints;
}

/** Whether the word leads to the start of objects. */
const startsAt = (word: GroupFacts['words'][number] | undefined, node: number): boolean =>
  node >= 0 && (word?.facts.some(({ seen }) => seen.kind === 'object' && seen.offset === 0) ?? false);
