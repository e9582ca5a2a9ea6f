import type { Expression } from '../../model/source/c-unit.ts';
import { walkExpression } from './calls.ts';
import type { Fact } from './facts.ts';
import { bare, pathOf, rootOf } from './paths.ts';
import { committed, type Fate, type Pending, type State, type Variables } from './state.ts';

/** What a test says of a result; `sound`: 0 or more. */
type Value = 'zero' | 'other' | 'positive' | 'error' | 'failed' | 'sound';

/**
 * What a test says of a call that is waited for: how the path goes on, or that it ends because the call freed or kept what
 * it was given.
 */
export function settle(
  state: State,
  test: Expression,
  holds: boolean,
  variables: Variables,
): State | 'released' | 'kept' {
  const { pending } = state;
  if (!pending) return state;
  const isTest = pending.result === 'test';
  const value = isTest ? testedValue(test, holds) : valueOf(state.facts.get(pending.result));
  if (value === undefined) {
    if (isTest) return committed(state);
    // Asked in a way of its own: bits, special values. What follows is agreed between the two.
    return mentions(test, pending.result) ? 'kept' : state;
  }
  const fate = fateOf(pending, value, variables);
  if (fate === 'release') return 'released';
  if (fate === 'keep') return committed(state);
  return { ...state, pending: undefined, assumed: state.assumed + (pending.fate ? 0 : 1) };
}

function fateOf({ fate, result }: Pending, value: Value, { graph }: Variables): Fate {
  if (fate) return value === 'zero' || value === 'sound' ? fate.zero : fate.other;
  const form = graph.locals.get(rootOf(result));
  // NULL and false are failures of what returns a pointer or a truth; a number fails when it is not 0.
  if (form === 'pointer' || form === 'bool')
    return value === 'other' || value === 'positive' || value === 'sound' ? 'keep' : 'borrow';
  return value === 'zero' || value === 'positive' || value === 'sound' ? 'keep' : 'borrow';
}

function valueOf(fact: Fact | undefined): Value | undefined {
  switch (fact) {
    case undefined:
      return undefined;
    case 'set':
      return 'other';
    case 'nonnegative':
      return 'sound';
    case 'zero':
    case 'error':
    case 'failed':
    case 'positive':
      return fact;
    default:
      return /^=\d/.test(fact) ? 'positive' : undefined;
  }
}

/** `f(p)`, `f(p) < 0`; not `f(p) == X`. */
function testedValue(test: Expression, holds: boolean): Value | undefined {
  const inner = bare(test);
  if (inner.kind === 'call') return holds ? 'other' : 'zero';
  if (inner.kind !== 'binary' || bare(inner.left).kind !== 'call') return undefined;
  const { right } = inner;
  if (right.kind !== 'literal' || !/^(?:0|NULL|false)$/.test(right.text)) return undefined;
  if (inner.op === '<') return holds ? 'error' : 'sound';
  if (inner.op === '>=') return holds ? 'sound' : 'error';
  if (inner.op === '!=') return holds ? 'other' : 'zero';
  return inner.op === '==' ? (holds ? 'zero' : 'other') : undefined;
}

function mentions(test: Expression, path: string): boolean {
  let found = false;
  walkExpression(test, (part) => {
    if (pathOf(part) === path) found = true;
  });
  return found;
}
