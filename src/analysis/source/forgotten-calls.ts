import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { ForgottenDefect } from '../../model/source/defect.ts';
import { giverOf, isTaker } from './api/catalog.ts';
import { looksFreeing } from './api/effects.ts';
import { undoingNames } from './api/verb-pairs.ts';
import { familyOfPair } from './paired-calls.ts';
import { ignoredAt, stepAt } from './places.ts';
import { occurrences } from './text-places.ts';
import { namedUndoers, undoersOf } from './ties.ts';
import type { UnitEffects } from './unit-effects.ts';

/**
 * What a function calls, undoes itself where it fails later, and the function that undoes it at the end leaves out:
 * `alloc_aiv()` with `free_aiv()` on an error path, and a remove function that undoes the rest and never calls it.
 */
export function measureForgottenCalls(unit: CUnit, effects: UnitEffects): readonly ForgottenDefect[] {
  return unit.files.flatMap((file) =>
    file.outline.functions.flatMap((outline) => {
      const definition = { file, outline };
      const pairs = [...outline.calls].flatMap((name) => pairOf(unit, definition, name));
      return pairs.length === 0 ? [] : examine(unit, effects, definition, pairs);
    }),
  );
}

type Pair = readonly [made: string, undone: string];

/** A call and its counterpart, which nobody but this function calls. */
function pairOf(unit: CUnit, { outline }: CDefinition, name: string): readonly Pair[] {
  if (isTaker(name) || giverOf(name) || looksFreeing(name)) return [];
  const undone = undoingNames(name).find((partner) => outline.calls.has(partner));
  if (undone === undefined) return [];
  return unit.callers(undone).every((caller) => caller.outline === outline) ? [[name, undone]] : [];
}

function examine(
  unit: CUnit,
  effects: UnitEffects,
  definition: CDefinition,
  pairs: readonly Pair[],
): readonly ForgottenDefect[] {
  const undoers = [...undoersOf(unit, definition), ...namedUndoers(definition)];
  const [undoer] = undoers;
  if (!undoer) return [];
  return pairs.flatMap(([made, undone]) => {
    const isUndone = undoers.some((other) => effects.from(other).calls(other, new Set(undoingNames(made))));
    if (isUndone || !undoesOthers(undoers, definition, made)) return [];
    return describe(unit, definition, made, undone, undoer);
  });
}

/** It undoes something else that the first one did: so it is meant to. */
function undoesOthers(undoers: readonly CDefinition[], { outline }: CDefinition, made: string): boolean {
  return [...outline.calls].some(
    (name) =>
      name !== made &&
      undoingNames(name).some((partner) => undoers.some((undoer) => undoer.outline.calls.has(partner))),
  );
}

function describe(
  unit: CUnit,
  { file, outline }: CDefinition,
  made: string,
  undone: string,
  undoer: CDefinition,
): readonly ForgottenDefect[] {
  const at = [...occurrences(file, made)].find((place) => place > outline.start && place < outline.end);
  if (at === undefined) return [];
  const ignored = ignoredAt(file, at) ?? ignoredAt(undoer.file, undoer.outline.at);
  return [
    {
      kind: 'forgotten',
      family: familyOfPair(made, undone),
      taker: made,
      holder: `${made}()`,
      member: undone,
      undoer: undoer.outline.name,
      undoerLine: unit.line(undoer.file, undoer.outline.at),
      freedBy: outline.name,
      file: file.name,
      line: unit.line(file, at),
      function: outline.name,
      ...(ignored === undefined ? {} : { ignored }),
      steps: [
        stepAt(unit, file, at, `${outline.name}() calls ${made}(), and ${undone}() where it fails later`),
        stepAt(
          unit,
          undoer.file,
          undoer.outline.at,
          `${undoer.outline.name}() undoes the rest, and nobody else calls ${undone}()`,
        ),
      ],
    },
  ];
}
