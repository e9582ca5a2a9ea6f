import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { Defect, LostDefect, SourceDefect, WrongFreeDefect } from '../../model/source/defect.ts';
import { giversOf, isTaker, takerOf, type Taker } from './api/catalog.ts';
import { findSites, type Site } from './find-sites.ts';
import { judgeLost } from './judge-lost.ts';
import { ignoredAt, stepAt } from './places.ts';
import { simulate } from './simulate.ts';
import { extend, type Outcome } from './state.ts';
import { stepsOf } from './steps.ts';
import { UnitEffects } from './unit-effects.ts';

/** Wrappers of wrappers that are followed. */
const ROUNDS = 3;

/** Follows everything that the functions of a unit take to where it is given back, kept, or lost. */
export function measureLost(
  unit: CUnit,
  roleOf: (definition: CDefinition) => string | undefined,
): readonly SourceDefect[] {
  return new Search(unit, roleOf).run();
}

class Search {
  readonly #unit: CUnit;
  readonly #roleOf: (definition: CDefinition) => string | undefined;
  readonly #effects: UnitEffects;
  /** Functions of the unit that return what they took, by definition. */
  readonly #wrappers = new Map<CDefinition['outline'], Taker>();

  constructor(unit: CUnit, roleOf: (definition: CDefinition) => string | undefined) {
    this.#unit = unit;
    this.#roleOf = roleOf;
    this.#effects = new UnitEffects(unit, isTaker);
  }

  run(): readonly SourceDefect[] {
    const defects: SourceDefect[] = [];
    let fresh: CDefinition[] = [];
    for (const definition of this.#definitions()) {
      const found = this.#examine(definition, takerOf);
      defects.push(...found.defects);
      if (found.wraps) fresh.push(this.#wrap(definition, found.wraps));
    }
    for (let round = 0; round < ROUNDS && fresh.length > 0; round++) fresh = this.#round(fresh, defects);
    return defects;
  }

  *#definitions(): Iterable<CDefinition> {
    for (const file of this.#unit.files) {
      for (const outline of file.outline.functions) {
        for (const name of outline.calls) {
          if (!isTaker(name)) continue;
          yield { file, outline };
          break;
        }
      }
    }
  }

  #wrap(definition: CDefinition, taker: Taker): CDefinition {
    this.#wrappers.set(definition.outline, {
      ...taker,
      name: definition.outline.name,
      form: 'returns',
      zeroFails: false,
    });
    return definition;
  }

  /** The callers of functions that turned out to hand something out. */
  #round(fresh: readonly CDefinition[], defects: SourceDefect[]): CDefinition[] {
    const callers = new Map<CDefinition['outline'], CDefinition>();
    const names = new Set(fresh.map(({ outline }) => outline.name));
    for (const { outline } of fresh)
      for (const caller of this.#unit.callers(outline.name)) callers.set(caller.outline, caller);
    const next: CDefinition[] = [];
    for (const caller of callers.values()) {
      const found = this.#examine(caller, (name) => (names.has(name) ? this.#wrapperOf(name, caller) : undefined));
      defects.push(...found.defects);
      if (found.wraps && !this.#wrappers.has(caller.outline)) next.push(this.#wrap(caller, found.wraps));
    }
    return next;
  }

  #wrapperOf(name: string, caller: CDefinition): Taker | undefined {
    const callee = this.#unit.find(name, caller.file);
    return callee && this.#wrappers.get(callee.outline);
  }

  #examine(
    definition: CDefinition,
    taker: (name: string) => Taker | undefined,
  ): { readonly defects: readonly SourceDefect[]; readonly wraps?: Taker } {
    const variables = this.#effects.variablesOf(definition);
    if (!variables) return { defects: [] };
    const defects: SourceDefect[] = [];
    let wraps: Taker | undefined;
    const returnsPointer = definition.outline.returns.includes('*');
    for (const site of findSites(variables, (name) =>
      this.#unit.find(name, definition.file) && isTaker(name) ? undefined : taker(name),
    )) {
      if (site.passedOn) {
        wraps ??= site.taker;
        continue;
      }
      const { outcomes } = simulate(
        {
          variables,
          family: site.taker.family,
          call: site.made.call,
          form: site.taker.form,
          effects: this.#effects.from(definition),
          returnsPointer,
        },
        site.starts,
      );
      if (returnsPointer && site.taker.form !== 'argument' && outcomes.some(isHandedOut)) wraps ??= site.taker;
      defects.push(...this.#report(definition, site, outcomes));
    }
    return wraps ? { defects, wraps } : { defects };
  }

  #report(definition: CDefinition, site: Site, outcomes: readonly Outcome[]): readonly SourceDefect[] {
    const wrong = outcomes.find(({ kind }) => kind === 'wrong-free');
    if (wrong) return [this.#wrongFree(definition, site, wrong)];
    const judged = judgeLost(site, outcomes, this.#roleOf(definition), this.#isGivenAnywhere(site));
    if (!judged) return [];
    const { outcome, assumed, released } = judged;
    const { file } = definition;
    const common = this.#common(definition, site, outcome);
    const lost: LostDefect = {
      ...common,
      kind: 'lost',
      family: site.taker.family,
      taker: site.made.name,
      form: site.taker.form,
      wrapped: takerOf(site.made.name) === undefined,
      holder: site.holder,
      how: outcome.how,
      exit: outcome.exit,
      assumed,
      ofParameter: definition.outline.parameters.some(({ name }) =>
        new RegExp(`^&*${name.replaceAll('$', '')}(?![\\w$])`).test(site.holder),
      ),
      ...(released
        ? { released: { line: this.#unit.line(file, released.at), by: released.by ?? site.taker.family.partner } }
        : {}),
    };
    return [lost];
  }

  /** Whether any function of the unit gives back what is of the family. */
  #isGivenAnywhere({ taker }: Site): boolean {
    return giversOf(taker.family.id).some((name) => this.#unit.callers(name).length > 0);
  }

  #wrongFree(definition: CDefinition, site: Site, outcome: Outcome): WrongFreeDefect {
    const by = outcome.by ?? '';
    const trail = extend(outcome.state.trail, outcome.at, `${by}() does not free what ${site.made.name}() returns`);
    return {
      ...this.#common(definition, site, { ...outcome, state: { ...outcome.state, trail } }),
      kind: 'wrong-free',
      family: site.taker.family,
      taker: site.made.name,
      holder: site.holder,
      by,
      line: this.#unit.line(definition.file, outcome.at),
    };
  }

  #common({ file, outline }: CDefinition, site: Site, outcome: Outcome): Defect {
    const { at } = site.made.call;
    const ignored = ignoredAt(file, at) ?? ignoredAt(file, outcome.at);
    const torn = (this.#unit.body({ file, outline })?.broken.length ?? 0) > 0;
    return {
      file: file.name,
      line: this.#unit.line(file, at),
      function: outline.name,
      steps: stepsOf(outcome.state.trail, (step, what) => stepAt(this.#unit, file, step, what)),
      ...(ignored === undefined ? {} : { ignored }),
      ...(torn ? { torn: true } : {}),
    };
  }
}

/** Returned, and nobody else has it. */
const isHandedOut = ({ kind, state, exit }: Outcome): boolean =>
  kind === 'returned' && state.doubts.length === 0 && exit !== 'error';
