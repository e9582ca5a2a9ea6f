import type { CallExpression, CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { LostDefect } from '../../model/source/defect.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { giverOf, isTaker, type Taker } from './api/catalog.ts';
import { looksFreeing } from './api/effects.ts';
import { isKnownPair, undoingNames } from './api/verb-pairs.ts';
import { callsOf } from './calls-of.ts';
import { findSites, type Site } from './find-sites.ts';
import { throughJoins, type FlowGraph, type NodeId } from './flow-graph.ts';
import { bare, pathOf, rootOf } from './paths.ts';
import { ignoredAt, stepAt } from './places.ts';
import { simulate } from './simulate.ts';
import type { Pair } from './tracking.ts';
import type { Outcome, Variables } from './state.ts';
import { stepsOf } from './steps.ts';
import { undoersOf } from './ties.ts';
import type { UnitEffects } from './unit-effects.ts';

/**
 * Calls that only the name of their counterpart tells about: `vmbus_alloc_ring(channel)` has succeeded, and an error exit
 * goes without `vmbus_free_ring()`, although another way out of this function calls it, or the function that undoes this one.
 */
export function measurePairedCalls(unit: CUnit, effects: UnitEffects): readonly LostDefect[] {
  const called = new Set(unit.files.flatMap((file) => file.outline.functions.flatMap(({ calls }) => [...calls])));
  return unit.files.flatMap((file) =>
    file.outline.functions.flatMap((outline) => {
      const definition = { file, outline };
      if (looksFreeing(outline.name) || !/\bint\b|\*|long|ssize_t/.test(outline.returns)) return [];
      const pairs = pairsIn(unit, definition, effects, called);
      return pairs.size === 0 ? [] : examine(unit, effects, definition, pairs);
    }),
  );
}

/** Why a call is taken to have to be undone. */
type Reason = 'own' | 'undoer' | 'known';

interface Paired {
  readonly gives: ReadonlySet<string>;
  readonly reason: Reason;
  readonly family: ResourceFamily;
}

/** Calls of a function that have a counterpart which this function, or the one that undoes it, calls. */
function pairsIn(
  unit: CUnit,
  definition: CDefinition,
  effects: UnitEffects,
  called: ReadonlySet<string>,
): ReadonlyMap<string, Paired> {
  const { calls } = definition.outline;
  const pairs = new Map<string, Paired>();
  let undoers: readonly CDefinition[] | undefined;
  const { calls: reaches } = effects.from(definition);
  for (const name of calls) {
    if (isTaker(name) || giverOf(name) || looksFreeing(name)) continue;
    const partners = undoingNames(name).filter((partner) => called.has(partner) || isKnownPair(name));
    if (partners.length === 0) continue;
    const gives = new Set(partners);
    const own = partners.find((partner) => calls.has(partner));
    undoers ??= undoersOf(unit, definition);
    const reason: Reason | undefined =
      own !== undefined
        ? 'own'
        : undoers.some((undoer) => reaches(undoer, gives))
          ? 'undoer'
          : isKnownPair(name)
            ? 'known'
            : undefined;
    if (reason === undefined) continue;
    const partner = own ?? partners[0] ?? '';
    pairs.set(name, { gives, reason, family: familyOfPair(name, partner) });
  }
  return pairs;
}

export const familyOfPair = (name: string, partner: string): ResourceFamily => ({
  id: `pair:${partner}`,
  kind: 'object',
  noun: `what ${name}() made`,
  partner,
  layer: 'slab-unreclaimable',
  unknown: 'borrows',
});

function examine(
  unit: CUnit,
  effects: UnitEffects,
  definition: CDefinition,
  pairs: ReadonlyMap<string, Paired>,
): readonly LostDefect[] {
  const variables = effects.variablesOf(definition);
  if (!variables) return [];
  const sites = findSites(variables, (name, call) => {
    const paired = pairs.get(name);
    return paired && takerFor(unit, definition, variables, name, call, paired);
  });
  // One of several calls stands for all that are lost alike.
  const told = new Set<string>();
  return sites.filter(isStatus).flatMap((site) => {
    const paired = pairs.get(site.made.name);
    if (told.has(site.made.name)) return [];
    const defect = paired && follow(unit, effects, definition, variables, site, paired, sites);
    if (!defect) return [];
    told.add(site.made.name);
    return [defect];
  });
}

/** What is returned says how it went, or nobody asks: it is not what was made. */
const isStatus = ({ node, made }: Site): boolean =>
  node.kind === 'set'
    ? made.result !== undefined && STATUS.test(made.result)
    : made.result === 'test' || isKnownPair(made.name);

const STATUS = /^(?:ret\w*|e?rr\w*|rc|rv|r|res|result|status|stat|st|i?error|success|ok|rval|retval)$/;

function takerFor(
  unit: CUnit,
  definition: CDefinition,
  variables: Variables,
  name: string,
  call: CallExpression,
  { gives, family }: Paired,
): Taker | undefined {
  const index = argumentOf(variables, call, gives);
  if (index === undefined) return undefined;
  const callee = unit.find(name, definition.file);
  if (call.callee.kind !== 'name') return undefined;
  const { text } = definition.file;
  const before = text.slice(Math.max(0, call.at - 12), call.at);
  const returns = callee?.outline.returns ?? '';
  if (returns.includes('*')) return undefined;
  const zeroFails = callee ? /\bbool\b/.test(returns) : !isKnownPair(name) && /!\s*\(?\s*$/.test(before);
  return { name, family, form: 'setup', index, zeroFails };
}

/** The argument that says what was made: the one that is given back, a struct of the frame, or the first. */
function argumentOf({ graph }: Variables, { args }: CallExpression, gives: ReadonlySet<string>): number | undefined {
  const paths = args.map((arg) => pathOf(bare(arg)));
  for (const node of graph.nodes) {
    for (const { call, name } of callsOf(node)) {
      const given = gives.has(name) && call.args[0] ? pathOf(bare(call.args[0])) : undefined;
      const index = given === undefined ? -1 : paths.indexOf(given);
      if (index >= 0) return index;
    }
  }
  const frame = paths.findLastIndex(
    (path) => path?.startsWith('&') === true && graph.locals.get(path.slice(1)) === 'struct',
  );
  if (frame >= 0) return frame;
  return paths[0] === undefined ? undefined : 0;
}

function follow(
  unit: CUnit,
  effects: UnitEffects,
  definition: CDefinition,
  variables: Variables,
  site: Site,
  paired: Paired,
  sites: readonly Site[],
): LostDefect | undefined {
  const { gives, family, reason } = paired;
  const pair = pairOf(variables, site, gives, sites);
  const { outcomes, cut } = simulate(
    {
      variables,
      family,
      call: site.made.call,
      form: 'setup',
      effects: effects.from(definition),
      returnsPointer: definition.outline.returns.includes('*'),
      pair,
      undone: true,
    },
    site.starts,
  );
  const lost = outcomes.find(isLostByFailing);
  if (cut || !lost) return undefined;
  const released = outcomes.find(({ kind, by }) => kind === 'released' && by !== undefined);
  // On each path it is left behind: then it is meant to be, or its name says something else.
  const isOwn = reason === 'own' && released !== undefined;
  // A request of a struct in the frame is made with other things; what begins with it is about it.
  const isFrame = site.taker.index === 0 && isStruct(variables, pair.path);
  // Its twin is undone here: `setup(&old)`, `setup(&new)`, `free(&new)`.
  const isTwin = reason === 'own' && pair.others.size > 1 && isStruct(variables, pair.path);
  if (!isOwn && reason === 'own' && !isFrame && !isTwin) return undefined;
  // What hangs on an argument may be undone by who gave it.
  if (reason === 'known' && variables.parameters.has(rootOf(pair.path))) return undefined;
  const isRepeated = variables.graph.loops.some(([from, to]) => site.made.call.at > from && site.made.call.at <= to);
  if ((!isOwn || isRepeated) && isCleanedByCaller(unit, effects, definition, gives)) return undefined;
  return describe(unit, definition, site, lost, released, family, reason === 'known' || isFrame || isTwin);
}

/** `&x` of a struct in the frame. */
const isStruct = ({ graph }: Variables, path: string): boolean =>
  rootOf(path) !== path && graph.locals.get(rootOf(path)) === 'struct';

/** A count that is not 0 is no failure, unless it is called so. */
const isLostByFailing = ({ kind, how, exit, state, value }: Outcome): boolean =>
  kind === 'lost' &&
  how === 'exit' &&
  state.doubts.length === 0 &&
  (exit === 'null' || exit === 'error') &&
  (value === 'error' || exit === 'null' || STATUS.test(/^returns (\w+)$/.exec(state.trail?.what ?? '')?.[1] ?? ''));

function pairOf(
  { graph }: Variables,
  { holder, made }: Site,
  gives: ReadonlySet<string>,
  sites: readonly Site[],
): Pair {
  const given = graph.nodes.flatMap((node) =>
    callsOf(node).flatMap(({ name, call }) => (gives.has(name) ? [call.at] : [])),
  );
  return {
    gives,
    path: holder,
    others: new Set(sites.filter((other) => other.made.name === made.name).map((other) => other.holder)),
    heads: new Set([
      ...graph.loops.filter(([from, to]) => given.some((at) => at > from && at <= to)).map(([from]) => from),
      ...guardsOf(graph, gives),
    ]),
  };
}

const MOST_GUARDED = 6;

/** `if (p->done) undo(p);`: the condition says whether there is anything to undo. */
function guardsOf(graph: FlowGraph, gives: ReadonlySet<string>): readonly number[] {
  return graph.nodes.flatMap((node) => {
    if (node.kind !== 'branch') return [];
    const [yes, no] = [throughJoins(graph.nodes, node.yes), throughJoins(graph.nodes, node.no)];
    return leadsThrough(graph, gives, yes, no) || leadsThrough(graph, gives, no, yes) ? [node.at] : [];
  });
}

/** Whether a few steps from `from` undo it and arrive at `to`. */
function leadsThrough(graph: FlowGraph, gives: ReadonlySet<string>, from: NodeId, to: NodeId): boolean {
  let [at, undone] = [from, false];
  for (let steps = 0; steps < MOST_GUARDED; steps++) {
    if (at === to) return undone;
    const node = graph.nodes[at];
    if (!node || !('next' in node)) return false;
    undone ||= callsOf(node).some(({ name }) => gives.has(name));
    at = throughJoins(graph.nodes, node.next);
  }
  return false;
}

/** Whoever calls this function, or a function that it calls, undoes it where it fails. */
function isCleanedByCaller(
  unit: CUnit,
  effects: UnitEffects,
  { outline }: CDefinition,
  gives: ReadonlySet<string>,
): boolean {
  return unit
    .callers(outline.name)
    .some((caller) => caller.outline !== outline && effects.from(caller).calls(caller, gives));
}

function describe(
  unit: CUnit,
  { file, outline }: CDefinition,
  site: Site,
  outcome: Outcome,
  released: Outcome | undefined,
  family: ResourceFamily,
  certain: boolean,
): LostDefect {
  const { at } = site.made.call;
  const ignored = ignoredAt(file, at) ?? ignoredAt(file, outcome.at);
  return {
    kind: 'lost',
    family,
    taker: site.made.name,
    form: 'setup',
    wrapped: false,
    inferred: !certain,
    holder: site.holder,
    how: 'exit',
    exit: outcome.exit,
    assumed: { calls: 0, stores: 0, failures: 0, lent: 0, role: false },
    ofParameter: false,
    keptElsewhere: false,
    file: file.name,
    line: unit.line(file, at),
    function: outline.name,
    steps: stepsOf(outcome.state.trail, (step, what) => stepAt(unit, file, step, what)),
    ...(ignored === undefined ? {} : { ignored }),
    ...(released ? { released: { line: unit.line(file, released.at), by: released.by ?? family.partner } } : {}),
  };
}
