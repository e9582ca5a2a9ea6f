import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { Defect, LostDefect, WrongFreeDefect } from '../../model/source/defect.ts';
import { takerOf } from './api/catalog.ts';
import type { Site } from './find-sites.ts';
import { ignoredAt, stepAt } from './places.ts';
import { extend, freshState, type Outcome } from './state.ts';
import { stepsOf } from './steps.ts';

/** Where something was taken, and the way that leads to its end. */
export function describeSite(unit: CUnit, { file, outline }: CDefinition, site: Site, outcome: Outcome): Defect {
  const { at } = site.made.call;
  const ignored = ignoredAt(file, at) ?? ignoredAt(file, outcome.at);
  const torn = (unit.body({ file, outline })?.broken.length ?? 0) > 0;
  return {
    file: file.name,
    line: unit.line(file, at),
    function: outline.name,
    steps: stepsOf(outcome.state.trail, (step, what) => stepAt(unit, file, step, what)),
    ...(ignored === undefined ? {} : { ignored }),
    ...(torn ? { torn: true } : {}),
  };
}

/** Taken, and forgotten in the same step. */
export function describeDropped(unit: CUnit, definition: CDefinition, site: Site): LostDefect {
  const { at } = site.made.call;
  const { family } = site.taker;
  const trail = extend(undefined, at, `${site.made.name}() returns ${family.noun}, and nobody keeps it`);
  const state = { ...freshState(0, [], new Map()), trail };
  const outcome: Outcome = { kind: 'lost', how: 'exit', at, exit: 'other', state, exits: new Set() };
  return {
    ...describeSite(unit, definition, site, outcome),
    kind: 'lost',
    family,
    taker: site.made.name,
    form: 'returns',
    wrapped: takerOf(site.made.name) === undefined,
    inferred: false,
    holder: `${site.made.name}()`,
    how: 'unused',
    exit: 'other',
    assumed: { calls: 0, stores: 0, failures: 0, lent: 0, role: false },
    ofParameter: false,
    keptElsewhere: false,
  };
}

/** Given back to a function that does not free it. */
export function describeWrongFree(unit: CUnit, definition: CDefinition, site: Site, outcome: Outcome): WrongFreeDefect {
  const by = outcome.by ?? '';
  const trail = extend(outcome.state.trail, outcome.at, `${by}() does not free what ${site.made.name}() returns`);
  return {
    ...describeSite(unit, definition, site, { ...outcome, state: { ...outcome.state, trail } }),
    kind: 'wrong-free',
    family: site.taker.family,
    taker: site.made.name,
    holder: site.holder,
    by,
    line: unit.line(definition.file, outcome.at),
  };
}
