import type { Expression } from '../../model/source/c-unit.ts';
import { pathOf, rootOf } from './paths.ts';
import type { Relation } from './relation.ts';
import { extend, formOf, withItem, type State, type Variables } from './state.ts';

/**
 * The state when a value that has to do with the resource was stored: another holder, a container that goes with it, or a
 * doubt whether it is still this function's. `kept` where it went somewhere that nobody can follow. `isCopy`: the value is a
 * whole struct, and what it holds is in two places.
 */
export function storeInto(
  state: State,
  variables: Variables,
  left: Expression,
  relation: Relation,
  at: number,
  isCopy = false,
): State | 'kept' {
  if (relation === 'none' || relation === 'address') return state;
  const path = pathOf(left);
  if (path === undefined || rootOf(path) === 'current') return 'kept';
  const root = rootOf(path);
  const form = formOf(variables, root);
  if (form === 'cleanup') return 'kept';
  if (path === root && form !== 'global' && form !== 'static') return hold(state, path, relation);
  // What is stored in itself, or in what goes with it, went nowhere.
  if (isOwn(state, root)) return relation === 'is' ? hold(state, path, relation) : state;
  // `*out = p`: the caller has it.
  if (path === `*${root}` && variables.parameters.has(root)) return 'kept';
  if (relation === 'holds') {
    if (isCopy) return 'kept';
    if (state.containers.includes(root)) return state;
    return isOwnedAt(variables, root, at) ? contain(state, variables, root) : doubt(state, at, path);
  }
  if ((form === 'struct' || form === 'plain') && !path.includes('->')) {
    return { ...hold(state, path, relation), containers: withItem(state.containers, root) };
  }
  if (isOwnedAt(variables, root, at)) return contain(hold(state, path, relation), variables, root);
  return doubt(hold(state, path, relation), at, path);
}

/** What goes with the object that holds it, and with what holds that. */
function contain(state: State, { within, parts }: Variables, root: string): State {
  const whole = parts.get(root);
  const above = [...(within.get(root) ?? []), ...(whole === undefined ? [] : [whole])];
  return { ...state, containers: [root, ...above].reduce(withItem, state.containers) };
}

/** Allocated here, and nobody else knows it yet. */
export const isOwnedAt = ({ owned, escapes }: Variables, root: string, at: number): boolean =>
  owned.has(root) && (escapes.get(root) ?? Infinity) >= at;

function hold(state: State, path: string, relation: Relation): State {
  if (relation === 'is') return { ...state, holders: withItem(state.holders, path) };
  if (relation === 'holds') return { ...state, containers: withItem(state.containers, path) };
  return { ...state, inside: withItem(state.inside, path) };
}

const isOwn = ({ holders, inside, containers }: State, root: string): boolean =>
  holders.includes(root) || inside.includes(root) || containers.includes(root);

function doubt(state: State, at: number, path: string): State {
  return {
    ...state,
    doubts: withItem(state.doubts, `s${at}`),
    trail: extend(state.trail, at, `it is stored in ${path}`),
  };
}
