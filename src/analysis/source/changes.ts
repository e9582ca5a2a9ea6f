import type { Expression } from '../../model/source/c-unit.ts';
import { isLent } from './api/effects.ts';
import type { CallMade } from './calls-of.ts';
import { changedBy, countedBy, incremented, withoutFacts } from './fact-flow.ts';
import { bare, lastOf, pathOf, rootOf } from './paths.ts';
import { relate } from './relation.ts';
import { withItem, type State } from './state.ts';
import { isAbout } from './uses.ts';

/** Which side cannot be: what was just made is nothing that was there before, `p == &other`. */
export function isOtherThing(test: Expression, state: State): '==' | '!=' | undefined {
  if (test.kind !== 'binary') return undefined;
  // What is allocated is aligned.
  if (test.op === '&' && relate(test.left, state) === 'is' && bare(test.right).kind === 'literal') return '==';
  if (test.op !== '==' && test.op !== '!=') return undefined;
  const sides = [relate(test.left, state), relate(test.right, state)];
  if (sides[0] === 'is' && sides[1] === 'is') return test.op === '==' ? '!=' : '==';
  if (!sides.includes('is') || !sides.includes('none')) return undefined;
  const other = bare(sides[0] === 'is' ? test.right : test.left);
  const isPlace = pathOf(other) !== undefined && !(other.kind === 'name' && /^[A-Z\d_]+$/.test(other.name));
  return isPlace ? test.op : undefined;
}

/** `ring[i]`, `*ring`: more than a pointer, where that leads to something. */
export function isStruct(value: Expression): boolean {
  const inner = bare(value);
  return inner.kind === 'index' || (inner.kind === 'unary' && inner.op === '*');
}

/** Elements of one array, or members of its elements. */
export const isElement = (holder: string, path: string): boolean =>
  path.includes('[') && holder !== rootOf(holder) && lastOf(holder) === lastOf(path)
    ? true
    : holder.includes('[') &&
      path.includes('[') &&
      holder.replaceAll(/\[.*?\]/g, '[]') === path.replaceAll(/\[.*?\]/g, '[]');

/** A holder that is 0 or an error: there is nothing on this path. */
export function isAbsent({ holders, facts, guard }: State): boolean {
  if (guard) {
    const fact = facts.get(guard.path);
    if (guard.zeroFails ? fact === 'zero' : fact === 'error' || fact === 'set' || fact === 'failed') return true;
  }
  return holders.some((holder) => {
    const fact = facts.get(holder) ?? facts.get(`${holder}.file`);
    return fact === 'zero' || fact === 'error' || fact === 'failed';
  });
}

/** Facts about a path, and holders that it leads to, end when it is assigned. Elements of an array stay: it was another one. */
export function changed(state: State, path: string): State {
  const stays = (item: string): boolean => path.includes('[]') || !isAbout(item, path);
  const pending = state.pending?.result === path ? undefined : state.pending;
  const doubts = state.pending && !pending ? withItem(state.doubts, state.pending.doubt) : state.doubts;
  return {
    ...state,
    facts: withoutFacts(state.facts, path),
    holders: state.holders.every(stays) ? state.holders : state.holders.filter(stays),
    inside: state.inside.every(stays) ? state.inside : state.inside.filter(stays),
    containers: state.containers.every(stays) ? state.containers : state.containers.filter(stays),
    pending,
    doubts,
    guard: state.guard?.path === path ? undefined : state.guard,
  };
}

/** What is given whole to a function may have other members behind it. */
export function filled(state: State, { call, name }: CallMade): State {
  if (state.facts.size === 0 || (isLent(name) && !/^mem|^copy_from|^_?copy/.test(name))) return state;
  const given = call.args.flatMap((arg) => {
    const path = pathOf(bare(arg));
    return path !== undefined && state.holders.includes(path)
      ? [`${path}->`]
      : path?.startsWith('&') === true
        ? [path.slice(1)]
        : [];
  });
  if (given.length === 0) return state;
  const stale = [...state.facts.keys()].filter((key) =>
    given.some((path) => key.replace(/^[?!]/, '').startsWith(path)),
  );
  if (stale.length === 0) return state;
  const facts = new Map(state.facts);
  for (const key of stale) facts.delete(key);
  return { ...state, facts };
}

/** What a step changes other than by `=`. */
export function forget(state: State, value: Expression): State {
  let now = state;
  for (const path of changedBy(value))
    if (![...now.holders, ...now.containers].some((held) => held === path || held === `&${path}`))
      now = changed(now, path);
  const counted = countedBy(value);
  return counted.length === 0 ? now : { ...now, facts: counted.reduce(incremented, now.facts) };
}
