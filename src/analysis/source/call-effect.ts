import type { CallExpression, CDefinition, Expression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { eaterOf, giverOf, takerOf } from './api/catalog.ts';
import {
  asks,
  consumes,
  freesOnFailure,
  isLent,
  looksFreeing,
  looksKeeping,
  pointsInto,
  storesOf,
  surelyFrees,
} from './api/effects.ts';
import type { CallMade } from './calls-of.ts';
import { isWithin, lastOf, pathOf, rootOf } from './paths.ts';
import { relate, type Relation } from './relation.ts';
import { formOf, type ResultFate, type State, type Variables } from './state.ts';
import { isOwnedAt } from './store.ts';

/** What a call does to the resource. */
export type Effect =
  | { readonly kind: 'none' | 'lent' | 'released' | 'kept' | 'wrong-free' | 'doubtful' | 'unlisted' }
  | { readonly kind: 'container-freed' | 'contained'; readonly path: string }
  | { readonly kind: 'stored'; readonly where: 'list' | 'drvdata' | 'elsewhere' }
  /** What it does shows in what it returns. */
  | ({ readonly kind: 'by-result' } & ResultFate);

/** What is known of functions beyond the one that is looked at. */
export interface Effects {
  /** The function of the unit that a name means here. */
  readonly find: (name: string) => CDefinition | undefined;
  readonly fateOf: (callee: CDefinition, index: number) => ResultFate;
  /** Whether a function, or one that it calls, frees something called `member`. */
  readonly mayFree: (callee: CDefinition, member: string) => boolean;
  /** Whether a function, or one that it calls, calls one of several. */
  readonly calls: (callee: CDefinition, names: ReadonlySet<string>) => boolean;
  /** Whether a function, or one that it calls, gives back what is of a family. */
  readonly gives: (callee: CDefinition, family: string) => boolean;
}

const NONE: Effect = { kind: 'none' };
/** Functions that free what they are given when they fail. */
const PADDED: ResultFate = { zero: 'borrow', other: 'release' };
const PADDED_POINTER: ResultFate = { zero: 'release', other: 'keep' };

export function callEffect(
  effects: Effects,
  family: ResourceFamily | undefined,
  made: CallMade,
  state: State,
  variables: Variables,
): Effect {
  const { call, name } = made;
  const relations = call.args.map((arg) => relate(arg, state));
  if (relations.every((relation) => relation === 'none')) return unrelated(effects, made, state, family);
  if (relations.includes('holds') && calledBack(effects, made, state)) return { kind: 'released' };
  const known =
    movedOver(made, relations, state, variables) ??
    ownGiven(family, name, relations) ??
    givenBack(family, made, relations, variables, state) ??
    stored(made, relations, state, variables) ??
    byName(name, relations);
  if (known) return known;
  if (calledBack(effects, made, state)) return { kind: 'released' };
  // `skb = f(skb)`: what comes back stands for what was given.
  if (made.result !== undefined && state.holders.includes(made.result) && relations.includes('is'))
    return { kind: 'kept' };
  const callee = effects.find(name);
  if (callee) return inUnit(effects, callee, made, relations, state, family, variables);
  if (isLent(name) || (!looksFreeing(name) && (asks(name) || (pointsInto(name) && !isTransfer(made))))) return NONE;
  return unknown(family, made, relations, state, variables);
}

/** `host_to_card(adapter, endpoint, skb)` moves it; `a_to_b(a)` only leads from one to the other. */
const isTransfer = ({ call, name }: CallMade): boolean => /_to_/.test(name) && call.args.length > 2;

/** A function of the unit is given with it, which frees what is held: `kref_put(&p->kref, free_it)`. */
function calledBack(effects: Effects, { call, name }: CallMade, { holders }: State): boolean {
  if (!looksFreeing(name)) return false;
  return call.args.some((arg) => {
    const callback = arg.kind === 'name' ? effects.find(arg.name) : undefined;
    return callback !== undefined && holders.some((holder) => effects.mayFree(callback, lastOf(holder)));
  });
}

const readsDriverData = (name: string): boolean => /^\w*get_\w*(?:drvdata|intfdata|clientdata|_data)$/.test(name);

/** What it is stored in is moved to somebody else as a whole. */
const movedOver = (
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  variables: Variables,
): Effect | undefined =>
  // Of a device that frees it in the end.
  (name.startsWith('devm_add_action') && relations.includes('holds')) ||
  call.args.some(
    (arg, i) => relations[i] === 'holds' && isMovedBy(name, i) && isOfContainer(pathOf(arg) ?? '', state, variables),
  )
    ? { kind: 'kept' }
    : undefined;

/** By the one function that this one gives it back with. */
const ownGiven = (
  family: ResourceFamily | undefined,
  name: string,
  relations: readonly Relation[],
): Effect | undefined => (family?.own === name && isPassed(relations) ? { kind: 'released' } : undefined);

const isPassed = (relations: readonly Relation[]): boolean =>
  relations.some((relation) => relation === 'is' || relation === 'inside');

/** `dev_put(wg->dev)` of what a helper returned: the count is that of a member. */
function givesMember(family: ResourceFamily, { call, name }: CallMade, { holders }: State): boolean {
  const giver = giverOf(name);
  const arg = giver?.families.has(family.id) === true ? call.args[giver.index] : undefined;
  const path = arg && pathOf(arg);
  return path !== undefined && holders.some((holder) => path.startsWith(`${holder}->`));
}

/** A call that is given nothing of it, but may clean up what it was stored in. */
function unrelated(effects: Effects, made: CallMade, state: State, family: ResourceFamily | undefined): Effect {
  const { name } = made;
  // A count on what somebody else owns is dropped by name, whatever it is called there.
  if (family?.kind === 'reference' && state.holders.length > 0 && looksFreeing(name)) {
    if (givesMember(family, made, state)) return { kind: 'released' };
    const callee = effects.find(name);
    if (callee && effects.gives(callee, family.id)) return { kind: 'released' };
  }
  if (state.doubts.length === 0 || !looksFreeing(name) || !state.doubts.some((doubt) => /^[sld]/.test(doubt)))
    return NONE;
  const callee = effects.find(name);
  if (!callee) return NONE;
  // It is given the device, and gets from there what hangs on it.
  if (state.doubts.some((doubt) => doubt.startsWith('d')) && [...callee.outline.calls].some(readsDriverData))
    return { kind: 'released' };
  return state.holders.some((holder) => effects.mayFree(callee, lastOf(holder))) ? { kind: 'released' } : NONE;
}

function givenBack(
  family: ResourceFamily | undefined,
  { call, name }: CallMade,
  relations: readonly Relation[],
  variables: Variables,
  state: State,
): Effect | undefined {
  const eater = eaterOf(name);
  if (eater && relations[eater.index] === 'is' && eater.family === family?.id) return { kind: 'released' };
  const giver = giverOf(name);
  if (!giver) return undefined;
  const relation = relations[giver.index] ?? 'none';
  const own = family === undefined || giver.families.has(family.id);
  if (relation === 'is' || relation === 'inside') {
    if (own) return { kind: 'released' };
    if (relation === 'is' && giver.wrong.has(family.id)) return { kind: 'wrong-free' };
    return { kind: 'released' };
  }
  const arg = call.args[giver.index];
  const path = relation === 'holds' && arg ? pathOf(arg) : undefined;
  if (path === undefined) return undefined;
  if (family?.kind === 'reference') return own ? { kind: 'released' } : NONE;
  return wholeGivenBack(name, path, variables, state);
}

/** What holds it is given back: by the name of a function, and the path that it is given. */
function wholeGivenBack(name: string, path: string, variables: Variables, state: State): Effect {
  const root = rootOf(path);
  // A count that is embedded in what holds it: whoever drops the last one frees the whole.
  if (path !== root && looksFreeing(name) && /put|unref/.test(name)) return { kind: 'released' };
  if (path !== root || !variables.owned.has(root)) return NONE;
  // A put may not be the last one.
  if (!/free/.test(name)) return { kind: 'kept' };
  return hasMember(state, variables, root) ? { kind: 'container-freed', path } : { kind: 'kept' };
}

/** In a member of it. On a list of what is freed, or linked otherwise, whoever frees that has looked at its members. */
const hasMember = ({ holders, inside }: State, { parts }: Variables, root: string): boolean =>
  [...holders, ...inside].some(
    (held) => held !== rootOf(held) && (rootOf(held) === root || parts.get(rootOf(held)) === root),
  );

function stored(
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  variables: Variables,
): Effect | undefined {
  const stores = storesOf(name);
  if (stores.length === 0) return undefined;
  const store = stores.find(([index]) => (relations[index] ?? 'none') !== 'none');
  if (!store) return undefined;
  const [, into] = store;
  const target = call.args[into];
  if (!target || (relations[into] ?? 'none') !== 'none') return NONE;
  const root = rootOf(pathOf(target) ?? '');
  const form = formOf(variables, root);
  if (form === 'struct' || /^(?:list|head|free|dispose|tmp)\w*$/.test(root)) return { kind: 'kept' };
  if (isOwnedAt(variables, root, call.at) && !state.holders.includes(root)) return { kind: 'contained', path: root };
  return {
    kind: 'stored',
    where: /list|hash|rb_/.test(name)
      ? 'list'
      : /_set_\w*data$|clientdata|intfdata/.test(name)
        ? 'drvdata'
        : 'elsewhere',
  };
}

/** A function whose body is at hand says itself what it does. */
function inUnit(
  effects: Effects,
  callee: CDefinition,
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  family: ResourceFamily | undefined,
  variables: Variables,
): Effect {
  let worst: Effect = NONE;
  for (const [index, relation] of relations.entries()) {
    if (relation === 'none') continue;
    const effect =
      relation === 'is' || relation === 'inside'
        ? fateEffect(effects.fateOf(callee, index), name)
        : heldEffect(effects, callee, relation, state, call.args[index], index, variables);
    if (effect.kind === 'released') return effect;
    // What it keeps it has counted for itself.
    if (effect.kind === 'kept' && family?.kind === 'reference' && countsItself(callee, family)) continue;
    if (effect.kind !== 'none') worst = effect;
  }
  if (worst.kind === 'none' && family?.kind === 'reference' && looksFreeing(name) && effects.gives(callee, family.id))
    return { kind: 'released' };
  return worst;
}

/** It takes counts of the family on what it is given. */
const countsItself = ({ outline }: CDefinition, family: ResourceFamily): boolean =>
  [...outline.calls].some((name) => {
    const taker = takerOf(name);
    return taker?.form === 'argument' && taker.family.id === family.id;
  });

function fateEffect({ zero, other }: ResultFate, name: string): Effect {
  if (zero !== other) return { kind: 'by-result', zero, other };
  if (zero === 'borrow') return surelyFrees(name) ? { kind: 'released' } : NONE;
  if (zero === 'release') return { kind: 'released' };
  if (looksFreeing(name)) return { kind: 'released' };
  return { kind: 'kept' };
}

function heldEffect(
  effects: Effects,
  callee: CDefinition,
  relation: Relation,
  state: State,
  arg: Expression | undefined,
  index: number,
  variables: Variables,
): Effect {
  if (relation === 'address') return { kind: 'kept' };
  const members = state.holders.map(lastOf);
  if (members.some((member) => effects.mayFree(callee, member))) return { kind: 'released' };
  const path = arg && pathOf(arg);
  if (path === undefined) return NONE;
  const root = rootOf(path);
  if (variables.graph.locals.get(root) === 'struct' && state.containers.includes(root)) return { kind: 'kept' };
  if (!state.containers.includes(path)) return NONE;
  const { zero, other } = effects.fateOf(callee, index);
  // What it frees of the whole is not seen in detail.
  if (zero === 'release' && other === 'release') return { kind: 'kept' };
  if (zero === 'borrow' && other === 'borrow') return NONE;
  return { kind: 'doubtful' };
}

/** What a function is known for that is given the resource itself. */
function byName(name: string, relations: readonly Relation[]): Effect | undefined {
  if (!isPassed(relations)) return undefined;
  if (consumes(name)) return { kind: 'kept' };
  if (/^h?list_(?:nulls_)?del|^list_del|^rb_erase|^hash_del/.test(name)) return { kind: 'unlisted' };
  // The old one is gone where there is a new one.
  if (/^k?v?realloc|^krealloc|^kvrealloc/.test(name)) return { kind: 'by-result', zero: 'borrow', other: 'release' };
  if (freesOnFailure(name))
    return { kind: 'by-result', ...(/share|untag|validate|insert_tag/.test(name) ? PADDED_POINTER : PADDED) };
  return undefined;
}

/** Work that is queued with its object takes what is in it along; so does a copy of the whole. */
const isMovedBy = (name: string, index: number): boolean =>
  /(?:^|_)(?:schedule|queue)_(?:delayed_)?work(?:_on)?$|^call_rcu/.test(name) ||
  (/^memcpy|^memmove/.test(name) && index === 1);

/** `p`, `&p->member` of what holds it; not what p leads to. */
function isOfContainer(path: string, { containers }: State, { owned }: Variables): boolean {
  const root = rootOf(path);
  return (path === root || path.startsWith('&')) && (containers.includes(root) || owned.has(root));
}

/** Whether what is given leads to what is held: `f(p)` does to `p->x`, `f(&p->y)` does not. */
function reaches({ args }: CallExpression, relations: readonly Relation[], { holders }: State): boolean {
  return args.some((arg, i) => {
    if (relations[i] !== 'holds') return relations[i] === 'is' || relations[i] === 'inside';
    const path = pathOf(arg);
    if (path === undefined || !path.startsWith('&')) return true;
    return holders.some((holder) => isWithin(holder, path.slice(1)));
  });
}

function unknown(
  family: ResourceFamily | undefined,
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  variables: Variables,
): Effect {
  if (relations.includes('address')) return { kind: 'kept' };
  if (looksFreeing(name) && reaches(call, relations, state)) return { kind: 'released' };
  const passed = isPassed(relations);
  if (!passed) {
    const containers = call.args.filter(
      (arg, i) => relations[i] === 'holds' && isOfContainer(pathOf(arg) ?? '', state, variables),
    );
    if (containers.length === 0) return NONE;
    // In a struct of the frame that is handed over: what is in it was meant to go.
    if (containers.some((arg) => variables.graph.locals.get(rootOf(pathOf(arg) ?? '')) === 'struct'))
      return { kind: 'kept' };
  }
  // Whoever takes a network buffer frees it, also when sending fails.
  if (family?.kind === 'buffer' && passed) return { kind: 'kept' };
  if (family?.unknown === 'borrows' && passed && !looksKeeping(name)) return { kind: 'lent' };
  return { kind: 'doubtful' };
}
