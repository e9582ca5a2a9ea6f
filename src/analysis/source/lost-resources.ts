import type { CDefinition, CFile, CUnit } from '../../model/source/c-unit.ts';
import type {
  Defect,
  DroppedBufferDefect,
  LostDefect,
  NeverFreedDefect,
  SourceDefect,
  WrongFreeDefect,
} from '../../model/source/defect.ts';
import { giversOf, isTaker, takerOf, type Taker } from './api/catalog.ts';
import { iteratorOf } from './api/iterators.ts';
import { findSites, type Site } from './find-sites.ts';
import { findLoops } from './loop-sites.ts';
import { MemberFates } from './member-fate.ts';
import { judgeLost } from './judge-lost.ts';
import { lastOf, rootOf } from './paths.ts';
import { ignoredAt, stepAt } from './places.ts';
import { simulate } from './simulate.ts';
import { extend, freshState, type Outcome } from './state.ts';
import { stepsOf } from './steps.ts';
import type { UnitEffects } from './unit-effects.ts';

/** Wrappers of wrappers that are followed. */
const ROUNDS = 3;

/** Follows everything that the functions of a unit take to where it is given back, kept, or lost. */
export function measureLost(
  unit: CUnit,
  effects: UnitEffects,
  roleOf: (definition: CDefinition) => string | undefined,
): readonly SourceDefect[] {
  return new Search(unit, effects, roleOf).run();
}

class Search {
  readonly #unit: CUnit;
  readonly #roleOf: (definition: CDefinition) => string | undefined;
  readonly #effects: UnitEffects;
  readonly #fates: MemberFates;
  /** Functions of the unit that return what they took, by definition. */
  readonly #wrappers = new Map<CDefinition['outline'], Taker>();

  constructor(unit: CUnit, effects: UnitEffects, roleOf: (definition: CDefinition) => string | undefined) {
    this.#unit = unit;
    this.#fates = new MemberFates(unit);
    this.#roleOf = roleOf;
    this.#effects = effects;
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
    return [...defects, ...this.#droppedBuffers()];
  }

  *#definitions(): Iterable<CDefinition> {
    for (const file of this.#unit.files) {
      for (const outline of file.outline.functions) {
        for (const name of outline.calls) {
          if (!isTaker(name) && iteratorOf(name) === undefined) continue;
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
    const known = (name: string): Taker | undefined =>
      this.#unit.find(name, definition.file) && isTaker(name) ? undefined : taker(name);
    for (const site of [...findSites(variables, known), ...(taker === takerOf ? findLoops(variables) : [])]) {
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
          head: site.head,
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
    const judged = judgeLost(
      site,
      outcomes,
      this.#roleOf(definition),
      this.#isGivenAnywhere(site, definition.file),
      definition.outline.returns.includes('*'),
    );
    if (!judged) return this.#neverFreed(definition, site, outcomes);
    const { outcome, assumed, released } = judged;
    if ((assumed.stores > 0 || assumed.role) && this.#callerCleans(definition, outcome)) return [];
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
      ...(site.head === undefined ? {} : { loop: site.made.name }),
      ofParameter: definition.outline.parameters.some(({ name }) =>
        new RegExp(`^&*${name.replaceAll('$', '')}(?![\\w$])`).test(site.holder),
      ),
      ...(released
        ? { released: { line: this.#unit.line(file, released.at), by: released.by ?? site.taker.family.partner } }
        : {}),
    };
    return [lost];
  }

  /** Where it is stored it outlives the failure, and whoever called may free it there. */
  #callerCleans(definition: CDefinition, { state }: Outcome): boolean {
    const { mayFree } = this.#effects.from(definition);
    const members = state.holders.filter((holder) => /->|\.|\[/.test(holder)).map(lastOf);
    return this.#unit
      .callers(definition.outline.name)
      .some((caller) => caller.outline !== definition.outline && members.some((member) => mayFree(caller, member)));
  }

  /** Whether any function of the unit gives back what is of the family. */
  #isGivenAnywhere({ taker }: Site, file: CFile): boolean {
    return giversOf(taker.family.id).some((name) =>
      this.#unit.callers(name).some((caller) => isOneModule(caller.file, file)),
    );
  }

  /** It is kept in a member or a variable, and nothing in the unit frees what is there. */
  #neverFreed(definition: CDefinition, site: Site, outcomes: readonly Outcome[]): readonly NeverFreedDefect[] {
    const { family, form } = site.taker;
    if (form !== 'returns' || family.unknown !== 'keeps' || family.kind === 'number') return [];
    // Kept in one place and not given to anybody, on each path that ends well.
    const kept = outcomes.filter(({ kind, exit }) => kind === 'lost' && exit !== 'error' && exit !== 'null');
    const [first] = kept;
    if (
      !first ||
      outcomes.some(({ kind }) => kind !== 'lost') ||
      kept.some(({ state }) => state.doubts.length !== 1 || !state.doubts[0]?.startsWith('s'))
    )
      return [];
    const stored = first.state.holders.filter((holder) => !this.#isLocal(definition, holder));
    const [holder] = stored;
    if (holder === undefined || stored.length > 1 || this.#isOutput(definition, holder)) return [];
    const when = this.#lossOf(definition, holder);
    const member = lastOf(holder);
    if (when === undefined || this.#fates.fateOf(member, !/->|\./.test(holder), holder.endsWith(']')) !== 'never')
      return [];
    const trail = extend(first.state.trail, first.at, `nothing in what was read frees ${member}`);
    const common = this.#common(definition, site, { ...first, state: { ...first.state, trail } });
    return [{ ...common, kind: 'never-freed', family, taker: site.made.name, holder, member, when }];
  }

  /** `*out`, `out[]`: a parameter through which it is handed to the caller. */
  #isOutput({ outline }: CDefinition, holder: string): boolean {
    return !/->|\./.test(holder) && outline.parameters.some(({ name }) => name === rootOf(holder));
  }

  #isLocal(definition: CDefinition, holder: string): boolean {
    const form = this.#effects.variablesOf(definition)?.graph.locals.get(rootOf(holder));
    return form !== undefined && form !== 'static' && holder === rootOf(holder);
  }

  /** What runs once when a module is loaded is lost with it; what runs again loses one each time. */
  #lossOf(definition: CDefinition, holder: string): NeverFreedDefect['when'] | undefined {
    const role = this.#roleOf(definition);
    const leaves = this.#unit.files.some((file) =>
      file.outline.functions.some(
        (outline) => this.#roleOf({ file, outline }) === 'exit' || this.#roleOf({ file, outline }) === 'remove',
      ),
    );
    if (role === 'init' || role === 'probe' || /\b__init\b/.test(definition.outline.returns))
      return leaves ? 'unload' : undefined;
    return holder === rootOf(holder) ? undefined : 'calls';
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

  /** Transmit functions own the buffer that they are given, unless they refuse it with NETDEV_TX_BUSY. */
  #droppedBuffers(): readonly DroppedBufferDefect[] {
    return this.#unit.files.flatMap((file) =>
      file.outline.functions.flatMap((outline) => {
        const definition = { file, outline };
        const buffer = outline.parameters[0];
        if (this.#roleOf(definition) !== 'xmit' || !buffer || !/sk_buff/.test(buffer.type)) return [];
        return this.#droppedIn(definition, buffer.name);
      }),
    );
  }

  #droppedIn(definition: CDefinition, buffer: string): readonly DroppedBufferDefect[] {
    const variables = this.#effects.variablesOf(definition);
    const family = takerOf('alloc_skb')?.family;
    if (!variables || !family) return [];
    const start = freshState(variables.graph.entry, [buffer], new Map([[buffer, 'positive']]));
    const effects = this.#effects.from(definition);
    const { outcomes } = simulate(
      { variables, family, call: undefined, form: 'parameter', effects, returnsPointer: false },
      [
        {
          ...start,
          trail: extend(undefined, definition.outline.start, `${buffer} is this function's to send or to free`),
        },
      ],
    );
    const dropped = outcomes.find(
      ({ kind, state, how }) =>
        kind === 'lost' &&
        how === 'exit' &&
        state.doubts.length === 0 &&
        state.assumed === 0 &&
        /^returns (?:NETDEV_TX_OK|0)$/.test(state.trail?.what ?? ''),
    );
    if (!dropped || !outcomes.some(({ kind }) => kind === 'released')) return [];
    const { file, outline } = definition;
    const ignored = ignoredAt(file, dropped.at);
    return [
      {
        kind: 'dropped-buffer',
        buffer,
        file: file.name,
        line: this.#unit.line(file, dropped.at),
        function: outline.name,
        steps: stepsOf(dropped.state.trail, (at, what) => stepAt(this.#unit, file, at, what)),
        ...(ignored === undefined ? {} : { ignored }),
      },
    ];
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

/** Files that both say their licence are modules for themselves. */
const isOneModule = (a: CFile, b: CFile): boolean => a === b || !(isModule(a) && isModule(b));
const isModule = ({ outline }: CFile): boolean => outline.macros.some(({ name }) => name === 'MODULE_LICENSE');

/** Returned, and nobody else has it. */
const isHandedOut = ({ kind, state, exit }: Outcome): boolean =>
  kind === 'returned' && state.doubts.length === 0 && exit !== 'error';
