import type { CallExpression, CDefinition, CFile, CUnit } from '../../model/source/c-unit.ts';
import type { LostDefect, NeverFreedDefect, SourceDefect } from '../../model/source/defect.ts';
import { giversOf, isTaker, takerOf, type Taker } from './api/catalog.ts';
import { iteratorOf } from './api/iterators.ts';
import { describeDropped, describeSite, describeWrongFree } from './describe-lost.ts';
import { forgottenMembers, type KeptMember } from './forgotten-members.ts';
import { isHandedOut, isOfParameter, isSharedToo, isStored, isTakenForAnother, storesInto } from './hand-outs.ts';
import { inferTakers, mayInfer } from './infer-takers.ts';
import { asks } from './api/effects.ts';
import { undoingNames } from './api/verb-pairs.ts';
import { findSites, type Site } from './find-sites.ts';
import { findLoops } from './loop-sites.ts';
import { MemberFates } from './member-fate.ts';
import { judgeLost, type JudgedLoss } from './judge-lost.ts';
import { lastOf, rootOf } from './paths.ts';
import { stepAt } from './places.ts';
import { simulate } from './simulate.ts';
import { extend, type Outcome } from './state.ts';
import { namedUndoers, undoersOf } from './ties.ts';
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
  readonly #kept: KeptMember[] = [];
  /** Functions of the unit that hand out what they took, by definition. */
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
    return [...defects, ...forgottenMembers(this.#unit, this.#effects, this.#kept)];
  }

  *#definitions(): Iterable<CDefinition> {
    for (const file of this.#unit.files) {
      for (const outline of file.outline.functions) {
        if (isWorthReading(outline.calls)) yield { file, outline };
      }
    }
  }

  #wrap(definition: CDefinition, taker: Taker): CDefinition {
    this.#wrappers.set(definition.outline, { ...taker, name: definition.outline.name });
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
    // NULL and false are failures alike.
    const returnsTruth = /\bbool\b/.test(definition.outline.returns) && !asks(definition.outline.name);
    const inferred = taker === takerOf ? inferTakers(variables) : undefined;
    const known = (name: string, call: CallExpression): Taker | undefined => {
      const isOwn = this.#unit.find(name, definition.file) !== undefined;
      if (isOwn && isTaker(name)) return undefined;
      const family = inferred?.get(call);
      return (
        taker(name) ??
        (family && (!isOwn || family.own !== undefined)
          ? { name, family, form: 'returns', index: 0, zeroFails: false }
          : undefined)
      );
    };
    const undoers = this.#undoersOf(definition);
    const undone = undoers.length > 0;
    for (const site of [...findSites(variables, known), ...(taker === takerOf ? findLoops(variables) : [])]) {
      if (site.passedOn) {
        wraps ??= { ...site.taker, form: 'returns', zeroFails: false };
        continue;
      }
      if (site.dropped) {
        if (site.taker.family.id === 'refcount' || site.taker.family.own !== undefined) continue;
        defects.push(describeDropped(this.#unit, definition, site));
        continue;
      }
      const { outcomes } = simulate(
        {
          variables,
          family: site.taker.family,
          call: site.made.call,
          form: site.taker.form,
          head: site.head,
          undone,
          effects: this.#effects.from(definition),
          returnsPointer: returnsPointer || returnsTruth,
        },
        site.starts,
      );
      if (
        returnsPointer &&
        !isOfParameter(definition, site) &&
        outcomes.some(isHandedOut) &&
        !outcomes.some(isSharedToo) &&
        !outcomes.some(isStored)
      )
        wraps ??= { ...site.taker, form: 'returns', zeroFails: false };
      else wraps ??= storesInto(definition, variables, site, outcomes);
      this.#noteKept(definition, site, outcomes);
      defects.push(...this.#report(definition, site, outcomes), ...this.#outlives(definition, site, outcomes));
    }
    return wraps ? { defects, wraps } : { defects };
  }

  #undoersOf(definition: CDefinition): readonly CDefinition[] {
    return [...undoersOf(this.#unit, definition), ...namedUndoers(definition)];
  }

  /** What undoes this function gives it back from where it is kept: so it has to go where the last step fails. */
  #isUndoneFromThere(definition: CDefinition, { state }: Outcome): boolean {
    const [member] = state.holders.filter((holder) => !this.#isLocal(definition, holder)).map(lastOf);
    const { mayFree } = this.#effects.from(definition);
    return member !== undefined && this.#undoersOf(definition).some((undoer) => mayFree(undoer, member));
  }

  #report(definition: CDefinition, site: Site, outcomes: readonly Outcome[]): readonly SourceDefect[] {
    const wrong = outcomes.find(({ kind }) => kind === 'wrong-free');
    if (wrong) return [describeWrongFree(this.#unit, definition, site, wrong)];
    const judged = judgeLost(
      site,
      outcomes.filter((outcome) => outcome.tail !== true || this.#isUndoneFromThere(definition, outcome)),
      this.#roleOf(definition),
      this.#isGivenAnywhere(site, definition.file),
      definition.outline.returns.includes('*'),
      isTakenForAnother(this.#effects.variablesOf(definition), site),
    );
    if (!judged) return this.#neverFreed(definition, site, outcomes);
    const isInferred =
      takerOf(site.made.name) === undefined && site.head === undefined && !this.#wrapperOf(site.made.name, definition);
    if (isInferred && !judged.released) return [];
    if (isHandedOn(site, judged)) return [];
    if (site.taker.family.id === 'refcount' && !isOwnCount(site, judged)) return [];
    // Where only names tell, it takes a failure to believe it.
    if (site.taker.family.own !== undefined && !isPlainFailure(judged)) return [];
    const { outcome, assumed, released } = judged;
    if ((assumed.stores > 0 || assumed.role) && this.#callerCleans(definition, outcome)) return [];
    const { file } = definition;
    const common = describeSite(this.#unit, definition, site, outcome);
    const lost: LostDefect = {
      ...common,
      kind: 'lost',
      family: site.taker.family,
      taker: site.made.name,
      form: site.taker.form,
      wrapped: this.#isWrapper(site.made.name, definition.file),
      inferred:
        takerOf(site.made.name) === undefined &&
        site.head === undefined &&
        !isNamedPair(site) &&
        !this.#isWrapper(site.made.name, definition.file),
      holder: site.holder,
      how: outcome.how,
      exit: outcome.exit,
      assumed,
      ...(site.head === undefined ? {} : { loop: site.made.name }),
      keptElsewhere: outcomes.some(
        ({ kind, state }) => kind === 'kept' || kind === 'returned' || (kind === 'lost' && state.doubts.length > 0),
      ),
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

  #isWrapper(name: string, file: CFile): boolean {
    return takerOf(name) === undefined && this.#unit.find(name, file) !== undefined;
  }

  /** Whether any function of the unit gives back what is of the family. */
  #isGivenAnywhere({ taker }: Site, file: CFile): boolean {
    return giversOf(taker.family.id).some((name) =>
      this.#unit.callers(name).some((caller) => isOneModule(caller.file, file)),
    );
  }

  /**
   * A device that probe allocates and frees where it fails later, while nothing that runs at the end frees one: to take it
   * out of its registry is not enough.
   */
  #outlives(definition: CDefinition, site: Site, outcomes: readonly Outcome[]): readonly SourceDefect[] {
    const { family, form } = site.taker;
    if (!REGISTERED.has(family.id) || form !== 'returns') return [];
    const kept = outcomes.find(({ kind, exit }) => kind !== 'released' && exit !== 'error' && exit !== 'null');
    const [undoer] = undoersOf(this.#unit, definition);
    const by = giversOf(family.id).find((name) => definition.outline.calls.has(name));
    if (by === undefined || !kept || !undoer) return [];
    const isFreed = giversOf(family.id).some((name) =>
      this.#unit.callers(name).some(({ outline }) => outline !== definition.outline),
    );
    const leavesItself = this.#unit.files.some(({ text }) =>
      /needs_free_netdev|priv_destructor|->destructor\s*=/.test(text),
    );
    if (isFreed || leavesItself) return [];
    const { file } = definition;
    return [
      {
        ...describeSite(this.#unit, definition, site, kept),
        kind: 'forgotten',
        family,
        taker: site.made.name,
        holder: site.holder,
        member: site.holder,
        undoer: undoer.outline.name,
        undoerLine: this.#unit.line(undoer.file, undoer.outline.at),
        freedBy: definition.outline.name,
        steps: [
          stepAt(
            this.#unit,
            file,
            site.made.call.at,
            `${site.made.name}() makes it, and ${by}() frees it where ${definition.outline.name}() fails`,
          ),
          stepAt(
            this.#unit,
            undoer.file,
            undoer.outline.at,
            `neither ${undoer.outline.name}() nor anything else frees it`,
          ),
        ],
      },
    ];
  }

  /** What a function leaves behind in a member when it succeeds; whoever undoes the function has to free it. */
  #noteKept(definition: CDefinition, site: Site, outcomes: readonly Outcome[]): void {
    if (site.taker.form === 'argument' || site.head !== undefined) return;
    const kept = outcomes.find(
      ({ kind, exit, state }) =>
        kind === 'lost' && exit !== 'error' && exit !== 'null' && state.doubts.some((doubt) => doubt.startsWith('s')),
    );
    const holder = kept?.state.holders.find((path) => /->|\./.test(path) || !this.#isLocal(definition, path));
    if (kept && holder !== undefined) this.#kept.push({ definition, site, holder, outcome: kept });
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
    const common = describeSite(this.#unit, definition, site, { ...first, state: { ...first.state, trail } });
    return [{ ...common, kind: 'never-freed', family, taker: site.made.name, holder, member, when }];
  }

  /** `*out`, `out[]`: a parameter through which it is handed to the caller. */
  #isOutput({ outline }: CDefinition, holder: string): boolean {
    return (
      holder.startsWith('*') ||
      (!/->|\./.test(holder) && outline.parameters.some(({ name }) => name === rootOf(holder)))
    );
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
}

/** `mhi_alloc_controller()` and `mhi_free_controller()`: their names say it as plainly as a table. */
const isNamedPair = ({ taker, made }: Site): boolean =>
  taker.family.own !== undefined && undoingNames(made.name).includes(taker.family.own);

const isPlainFailure = ({ outcome, assumed }: JudgedLoss): boolean =>
  outcome.exit === 'error' && outcome.how === 'exit' && assumed.failures === 0;

/** What a queue held goes round by round; what a registry knows is found there again. */
const isHandedOn = ({ taker, made }: Site, { outcome }: JudgedLoss): boolean =>
  outcome.how === 'overwritten'
    ? taker.failing === true || /skb_dequeue/.test(made.name)
    : /^(?:fixed_phy|power_supply)$/.test(taker.family.id) && outcome.exit !== 'error' && outcome.exit !== 'null';

/** Counts without a name of their own are taken for many purposes: only what is dropped on another path, or overwritten. */
const isOwnCount = ({ made }: Site, { outcome, released }: JudgedLoss): boolean =>
  outcome.how === 'overwritten'
    ? takerOf(made.name) === undefined
    : outcome.exit === 'error' && outcome.how === 'exit' && released !== undefined;

/** Objects that are taken out of a registry by one function and freed by another. */
const REGISTERED: ReadonlySet<string> = new Set(['netdev', 'ieee80211', 'wiphy', 'mdiobus', 'scsi_host', 'iio_dev']);

/** Something is taken by a function of the tables, or by one that others tell about. */
function isWorthReading(calls: ReadonlySet<string>): boolean {
  for (const name of calls) if (isTaker(name) || iteratorOf(name) !== undefined) return true;
  return mayInfer(calls);
}

/** Files that both say their licence are modules for themselves. */
const isOneModule = (a: CFile, b: CFile): boolean => a === b || !(isModule(a) && isModule(b));
const isModule = ({ outline }: CFile): boolean => outline.macros.some(({ name }) => name === 'MODULE_LICENSE');
