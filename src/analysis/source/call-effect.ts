import type { CDefinition, Expression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { eaterOf, giverOf } from './api/catalog.ts';
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
import { lastOf, pathOf, rootOf } from './paths.ts';
import { relate, type Relation } from './relation.ts';
import { formOf, type State, type Variables } from './state.ts';
import { isOwnedAt } from './store.ts';

/** What a call does to the resource. */
export type Effect =
  | { readonly kind: 'none' | 'lent' | 'released' | 'kept' | 'wrong-free' | 'doubtful' | 'unlisted' }
  | { readonly kind: 'container-freed' | 'contained'; readonly path: string }
  | { readonly kind: 'stored'; readonly list: boolean }
  /** What it does depends on whether it fails. */
  | { readonly kind: 'by-result'; readonly on: 'success' | 'failure'; readonly does: 'release' | 'keep' };

/** What a function of the unit does with what it is given. */
export interface ParameterFate {
  readonly success: 'borrow' | 'release' | 'keep';
  readonly failure: 'borrow' | 'release' | 'keep';
}

/** What is known of functions beyond the one that is looked at. */
export interface Effects {
  /** The function of the unit that a name means here. */
  readonly find: (name: string) => CDefinition | undefined;
  readonly fateOf: (callee: CDefinition, index: number) => ParameterFate;
  /** Whether a function, or one that it calls, frees something called `member`. */
  readonly mayFree: (callee: CDefinition, member: string) => boolean;
}

const NONE: Effect = { kind: 'none' };

export function callEffect(
  effects: Effects,
  family: ResourceFamily | undefined,
  made: CallMade,
  state: State,
  variables: Variables,
): Effect {
  const { call, name } = made;
  const relations = call.args.map((arg) => relate(arg, state));
  if (relations.every((relation) => relation === 'none')) return unrelated(effects, made, state);
  if (relations.includes('holds') && calledBack(effects, made, state)) return { kind: 'released' };
  const known =
    givenBack(family, made, relations, variables, state) ??
    stored(made, relations, state, variables) ??
    (consumes(name) && isPassed(relations) ? { kind: 'kept' } : undefined);
  if (known) return known;
  if (/^h?list_(?:nulls_)?del|^list_del|^rb_erase|^hash_del/.test(name) && isPassed(relations))
    return { kind: 'unlisted' };
  if (/^k?v?realloc|^krealloc|^kvrealloc/.test(name) && isPassed(relations)) return { kind: 'kept' };
  if (calledBack(effects, made, state)) return { kind: 'released' };
  if (freesOnFailure(name) && isPassed(relations)) return { kind: 'by-result', on: 'failure', does: 'release' };
  const callee = effects.find(name);
  if (callee) return inUnit(effects, callee, made, relations, state, family);
  if (isLent(name) || (!looksFreeing(name) && (asks(name) || pointsInto(name)))) return NONE;
  return unknown(family, made, relations, state, variables);
}

/** A function of the unit is given with it, which frees what is held: `kref_put(&p->kref, free_it)`. */
function calledBack(effects: Effects, { call, name }: CallMade, { holders }: State): boolean {
  if (!looksFreeing(name)) return false;
  return call.args.some((arg) => {
    const callback = arg.kind === 'name' ? effects.find(arg.name) : undefined;
    return callback !== undefined && holders.some((holder) => effects.mayFree(callback, lastOf(holder)));
  });
}

const isPassed = (relations: readonly Relation[]): boolean =>
  relations.some((relation) => relation === 'is' || relation === 'inside');

/** A call that is given nothing of it, but may clean up what it was stored in. */
function unrelated(effects: Effects, { name }: CallMade, state: State): Effect {
  if (state.doubts.length === 0 || !looksFreeing(name) || !state.doubts.some((doubt) => /^[sl]/.test(doubt)))
    return NONE;
  const callee = effects.find(name);
  if (!callee) return NONE;
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
  if (relation !== 'holds') return undefined;
  const arg = call.args[giver.index];
  const path = arg && pathOf(arg);
  if (path === undefined) return undefined;
  if (family?.kind === 'reference') return own ? { kind: 'released' } : NONE;
  const root = rootOf(path);
  // A count that is embedded in what holds it: whoever drops the last one frees the whole.
  if (path !== root && looksFreeing(name) && /put|unref/.test(name)) return { kind: 'released' };
  if (path !== root || !variables.owned.has(root)) return NONE;
  // On a list of what is freed, or linked to it otherwise: whoever frees that has looked at its members.
  const isMember = [...state.holders, ...state.inside].some((holder) => holder !== root && rootOf(holder) === root);
  return isMember ? { kind: 'container-freed', path } : { kind: 'kept' };
}

function stored(
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  variables: Variables,
): Effect | undefined {
  const stores = storesOf(name);
  if (stores.length === 0) return undefined;
  const store = stores.find(([index]) => (relations[index] ?? 'none') !== 'none');
  if (!store) return NONE;
  const [, into] = store;
  const target = call.args[into];
  if (!target || (relations[into] ?? 'none') !== 'none') return NONE;
  const root = rootOf(pathOf(target) ?? '');
  const form = formOf(variables, root);
  if (form === 'struct' || /^(?:list|head|free|dispose|tmp)\w*$/.test(root)) return { kind: 'kept' };
  if (isOwnedAt(variables, root, call.at) && !state.holders.includes(root)) return { kind: 'contained', path: root };
  return { kind: 'stored', list: /list|hash|rb_/.test(name) };
}

/** A function whose body is at hand says itself what it does. */
function inUnit(
  effects: Effects,
  callee: CDefinition,
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  family: ResourceFamily | undefined,
): Effect {
  let worst: Effect = NONE;
  for (const [index, relation] of relations.entries()) {
    if (relation === 'none') continue;
    const effect =
      relation === 'is' || relation === 'inside'
        ? fateEffect(effects.fateOf(callee, index), name)
        : heldEffect(effects, callee, relation, state, call.args[index], index, family);
    if (effect.kind === 'released') return effect;
    if (effect.kind !== 'none') worst = effect;
  }
  return worst;
}

function fateEffect({ success, failure }: ParameterFate, name: string): Effect {
  if (success === failure) {
    if (success === 'borrow') return surelyFrees(name) ? { kind: 'released' } : NONE;
    if (success === 'release') return { kind: 'released' };
    return looksFreeing(name) ? { kind: 'released' } : { kind: 'doubtful' };
  }
  if (failure === 'borrow')
    return { kind: 'by-result', on: 'success', does: success === 'release' ? 'release' : 'keep' };
  if (success === 'borrow')
    return { kind: 'by-result', on: 'failure', does: failure === 'release' ? 'release' : 'keep' };
  // Freed when it fails, something else when not: nobody can say without the result, and few look at it.
  return { kind: 'kept' };
}

function heldEffect(
  effects: Effects,
  callee: CDefinition,
  relation: Relation,
  state: State,
  arg: Expression | undefined,
  index: number,
  family: ResourceFamily | undefined,
): Effect {
  if (relation === 'address') return { kind: 'kept' };
  const members = state.holders.map(lastOf);
  if (members.some((member) => effects.mayFree(callee, member))) return { kind: 'released' };
  const path = arg && pathOf(arg);
  if (path === undefined || !state.containers.includes(path)) return NONE;
  const { success, failure } = effects.fateOf(callee, index);
  if (success === 'release' && failure === 'release') return { kind: 'container-freed', path };
  if (success === 'borrow' && failure === 'borrow') return NONE;
  return family?.unknown === 'borrows' ? NONE : { kind: 'doubtful' };
}

/** `p`, `&p->member` of what holds it; not what p leads to. */
function isOfContainer(path: string, { containers }: State, { owned }: Variables): boolean {
  const root = rootOf(path);
  return (path === root || path.startsWith('&')) && (containers.includes(root) || owned.has(root));
}

function unknown(
  family: ResourceFamily | undefined,
  { call, name }: CallMade,
  relations: readonly Relation[],
  state: State,
  variables: Variables,
): Effect {
  if (relations.includes('address')) return { kind: 'kept' };
  if (looksFreeing(name)) return { kind: 'released' };
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
  if (family?.unknown === 'borrows' && !looksKeeping(name)) return { kind: 'lent' };
  return { kind: 'doubtful' };
}
