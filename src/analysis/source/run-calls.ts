import { eaterOf, giverOf } from './api/catalog.ts';
import { halts } from './api/effects.ts';
import { callEffect, type Effect } from './call-effect.ts';
import { callsOf, type CallMade } from './calls-of.ts';
import { filled, forget } from './changes.ts';
import type { FlowNode } from './flow-graph.ts';
import { pairEffect } from './pair-effect.ts';
import { bare, calleeName, rootOf } from './paths.ts';
import { relate } from './relation.ts';
import { committed, extend, withItem, type State } from './state.ts';
import type { Run } from './tracking.ts';

/** Everything that is called in a step, inner calls first. Undefined where the resource's path ends in one of them. */
export function runCalls(run: Run, state: State, node: FlowNode): State | undefined {
  let now: State | undefined = state;
  for (const made of callsOf(node)) {
    if (!now) return undefined;
    if (made.call === run.tracking.call) {
      now = again(run, now, node);
      continue;
    }
    now = call(run, now, made);
  }
  return now;
}

/** Back at the call that took it: a loop went round. What returns the next one is looked at when that is stored. */
function again(run: Run, state: State, node: FlowNode): State | undefined {
  // Given back and taken anew: it is not known what the function would do at its end.
  if (state.ghost !== undefined) return undefined;
  const { call, family } = run.tracking;
  const eater = call && eaterOf(calleeName(call.callee));
  const eaten = eater && eater.family === family?.id ? call.args[eater.index] : undefined;
  // `d = f(d)`: what comes back stands for what was given.
  if (call?.args.some((arg) => relate(arg, state) === 'is') === true && !eaten) {
    run.ends.end('kept', state, 'at' in node ? node.at : 0);
    return undefined;
  }
  if (eaten && relate(eaten, state) === 'is') {
    run.ends.end('released', committed(state), 'at' in node ? node.at : 0);
    return undefined;
  }
  return node.kind === 'set' && bare(node.right) === call ? state : undefined;
}

function call(run: Run, state: State, made: CallMade): State | undefined {
  if (halts(made.name)) return undefined;
  if (state.ghost !== undefined) return forget(state, made.call);
  if (dropsByAnotherName(run, state, made)) {
    run.ends.end('released', committed(state), made.call.at, { by: made.name });
    return undefined;
  }
  const { effects, family, variables, pair } = run.tracking;
  const effect = pair ? pairEffect(effects, pair, made) : callEffect(effects, family, made, state, variables);
  const after = takeEffect(run, filled(state, made), made, effect);
  return after && forget(after, made.call);
}

/** `usb_get_dev(udev)`, `usb_put_dev(interface_to_usbdev(intf))`: what is put is got from somewhere by a call. */
function dropsByAnotherName(run: Run, state: State, { call, name }: CallMade): boolean {
  const { form, family } = run.tracking;
  if (form !== 'argument' || family === undefined) return false;
  const giver = giverOf(name);
  const arg = giver?.families.has(family.id) === true ? call.args[giver.index] : undefined;
  return arg !== undefined && bare(arg).kind === 'call' && relate(arg, state) === 'none';
}

function takeEffect(run: Run, state: State, { call, name, result }: CallMade, effect: Effect): State | undefined {
  switch (effect.kind) {
    case 'none':
      return state;
    case 'lent':
      return { ...state, lent: state.lent + 1 };
    case 'released':
      if (state.owed > 0) return { ...state, owed: state.owed - 1 };
      run.ends.end('released', committed(state), call.at, { by: name });
      return ghost(run, state);
    case 'kept':
      run.ends.end('kept', state, call.at, { by: name });
      return undefined;
    case 'wrong-free':
      run.ends.end('wrong-free', state, call.at, { by: name });
      return undefined;
    case 'container-freed':
      return containerFreed(run, state, call.at, effect.path, name);
    case 'stored': {
      const doubt = `${effect.where === 'list' ? 'l' : effect.where === 'drvdata' ? 'd' : 's'}${call.at}`;
      const trail = extend(state.trail, call.at, `${name}() makes it reachable from elsewhere`);
      return { ...state, doubts: withItem(state.doubts, doubt), trail };
    }
    case 'contained':
      return { ...state, containers: withItem(state.containers, effect.path) };
    case 'unlisted':
      return { ...state, doubts: state.doubts.filter((doubt) => !doubt.startsWith('l')) };
    case 'doubtful': {
      const doubt = `c${call.at}`;
      const before = committed(state);
      if (result === undefined) return { ...before, doubts: withItem(before.doubts, doubt) };
      return { ...before, pending: { result, doubt, fate: undefined } };
    }
    case 'by-result':
      return byResult(state, { call, name, result }, effect);
  }
}

/** A function whose result tells what it did. */
function byResult(
  state: State,
  { call, result }: CallMade,
  { zero, other }: Extract<Effect, { kind: 'by-result' }>,
): State {
  const before = committed(state);
  const doubt = `${zero === 'keep' || other === 'keep' ? 'k' : 'r'}${call.at}`;
  if (result === undefined) return { ...before, doubts: withItem(before.doubts, doubt) };
  return { ...before, pending: { result, doubt, fate: { zero, other } } };
}

function containerFreed(run: Run, state: State, at: number, path: string, by: string): State | undefined {
  const { parts } = run.tracking.variables;
  const within = (item: string): boolean => item === path || rootOf(item) === path || parts.get(rootOf(item)) === path;
  const holders = state.holders.filter((holder) => !within(holder));
  const left = { ...state, holders, containers: state.containers.filter((item) => item !== path) };
  if (holders.length > 0) return left;
  const trail = extend(state.trail, at, `${by}() frees ${path}, which holds it`);
  // Who frees the whole was not deprived of it: what it was given to before has not kept it.
  run.ends.end('lost', { ...state, doubts: [], pending: undefined, trail }, at, { how: 'container-freed', by });
  return undefined;
}

/** Where something depends on how the function ends behind giving it back, that is followed. */
function ghost(run: Run, state: State): State | undefined {
  if (
    run.tracking.form !== 'parameter' &&
    state.doubts.length === 0 &&
    !state.pending &&
    state.holders.every((holder) => !holder.startsWith('&')) &&
    run.tracking.form !== 'argument'
  )
    return undefined;
  return {
    ...state,
    holders: [],
    inside: [],
    containers: [],
    doubts: [],
    pending: undefined,
    guard: undefined,
    ghost: run.ends.latest,
  };
}
