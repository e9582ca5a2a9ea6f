import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { ForgottenDefect } from '../../model/source/defect.ts';
import { giverOf } from './api/catalog.ts';
import type { Site } from './find-sites.ts';
import { lastOf } from './paths.ts';
import { ignoredAt, stepAt } from './places.ts';
import type { Outcome } from './state.ts';
import { occurrences } from './text-places.ts';
import { undoersOf } from './ties.ts';
import type { UnitEffects } from './unit-effects.ts';

/** Something that a function left behind in a member or a variable when it succeeded. */
export interface KeptMember {
  readonly definition: CDefinition;
  readonly site: Site;
  readonly holder: string;
  readonly outcome: Outcome;
}

/** What one function of a pair takes and keeps, and the other one does not give back, nor anybody else. */
export function forgottenMembers(
  unit: CUnit,
  effects: UnitEffects,
  kept: readonly KeptMember[],
): readonly ForgottenDefect[] {
  return kept.flatMap((entry) => examine(unit, effects, entry));
}

function examine(unit: CUnit, effects: UnitEffects, entry: KeptMember): readonly ForgottenDefect[] {
  const { definition, site, holder } = entry;
  const { family } = site.taker;
  if (family.kind === 'mapping' || family.kind === 'number' || family.own !== undefined) return [];
  const undoers = undoersOf(unit, definition);
  // What is built in is initialised and stays.
  if (
    /\b__init\b/.test(definition.outline.returns) &&
    !undoers.some(({ outline }) => /\b__exit\b/.test(outline.returns))
  )
    return [];
  const [undoer] = undoers;
  if (!undoer) return [];
  const { mayFree, gives } = effects.from(definition);
  const member = lastOf(holder);
  // A variable cannot be freed without its name; a member may be, by another name.
  const isVariable = holder === member;
  if (undoers.some((other) => mayFree(other, member) || (!isVariable && gives(other, family.id)))) return [];
  const freed = freeingFunctions(unit, member, family.id);
  // The maker's own error path, and what only it calls, say how to free it; anybody else may do it at the end.
  const own = freed.filter((other) => other.outline === definition.outline || isCalledOnlyBy(unit, other, definition));
  if (own.length < freed.length) return [];
  return [describe(unit, entry, member, undoer, own[0])];
}

/** Functions that name the member and give back something of the family. */
function freeingFunctions(unit: CUnit, member: string, family: string): readonly CDefinition[] {
  return unit.files.flatMap((file) => {
    const places = [...occurrences(file, member)];
    if (places.length === 0) return [];
    return file.outline.functions.flatMap((outline) => {
      const gives = [...outline.calls].some((name) => giverOf(name)?.families.has(family) === true);
      return gives && places.some((at) => at > outline.start && at < outline.end) ? [{ file, outline }] : [];
    });
  });
}

function isCalledOnlyBy(unit: CUnit, callee: CDefinition, caller: CDefinition): boolean {
  const callers = unit.callers(callee.outline.name);
  return callers.length > 0 && callers.every(({ outline }) => outline === caller.outline);
}

function describe(
  unit: CUnit,
  { definition, site, holder }: KeptMember,
  member: string,
  undoer: CDefinition,
  freedBy: CDefinition | undefined,
): ForgottenDefect {
  const { file, outline } = definition;
  const { at } = site.made.call;
  const ignored = ignoredAt(file, at) ?? ignoredAt(undoer.file, undoer.outline.at);
  return {
    kind: 'forgotten',
    family: site.taker.family,
    taker: site.made.name,
    holder,
    member,
    undoer: undoer.outline.name,
    undoerLine: unit.line(undoer.file, undoer.outline.at),
    ...(freedBy ? { freedBy: freedBy.outline.name } : {}),
    file: file.name,
    line: unit.line(file, at),
    function: outline.name,
    ...(ignored === undefined ? {} : { ignored }),
    steps: [
      stepAt(unit, file, at, `${site.made.name}() takes it, and ${outline.name}() keeps it in ${holder}`),
      stepAt(unit, undoer.file, undoer.outline.at, `${undoer.outline.name}() undoes it, and does not free ${member}`),
    ],
  };
}
