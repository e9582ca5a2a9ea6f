import type { Expression } from '../../model/source/c-unit.ts';
import { asks, failsClean } from './api/effects.ts';
import { valueFact, type Facts } from './facts.ts';
import type { FlowNode } from './flow-graph.ts';
import { bare, calleeName, pathOf, spell } from './paths.ts';
import { relate } from './relation.ts';
import { committed, extend, type ExitClass, type State } from './state.ts';
import type { Run } from './tracking.ts';

/** The end of a path: what was neither given back nor kept until here is lost. */
export function leaveByReturn(run: Run, state: State, { value, at }: Extract<FlowNode, { kind: 'return' }>): void {
  const relation = value ? relate(value, state) : 'none';
  const exit = exitOf(run, value, state);
  if (state.ghost !== undefined) {
    run.ends.leave(state.ghost, exit);
    return;
  }
  if (relation !== 'none') {
    run.ends.end('returned', committed(state), at, { exit });
    return;
  }
  tail(run, state, value, at);
  const waited = returnsResult(run, state, value, at);
  if (waited) return;
  if (state.guard && value && pathOf(value) === state.guard.path) {
    run.ends.end('kept', state, at, { exit });
    return;
  }
  const what = value ? `returns ${spell(value)}` : 'the function ends';
  const fact = value && valueFact(value, state.facts);
  run.ends.end('lost', { ...committed(state), trail: extend(state.trail, at, what) }, at, {
    exit,
    ...(fact === undefined ? {} : { value: fact }),
  });
}

/** What may fail as the last step of setting something up. */
const TAILS =
  /(?:^|_)(?:register|add|probe|init|start|create|request|setup|attach|alloc|open|submit|load|connect)(?:_|$)/;

/** `return register_it(dev);` as the last step: what was made before is still here where that fails. */
function tail(run: Run, state: State, value: Expression | undefined, at: number): void {
  const inner = value && bare(value);
  if (run.tracking.undone !== true || inner?.kind !== 'call' || state.pending) return;
  const name = calleeName(inner.callee);
  if (!TAILS.test(name) || asks(name)) return;
  const trail = extend(state.trail, at, `returns ${spell(inner)}, which may fail`);
  const failed = { ...state, assumed: state.assumed + 1, trail };
  run.ends.end('lost', failed, at, { exit: 'error', value: 'error', tail: true });
}

/** `return register(p)`: it may have failed, and nobody looks. Lost, where a failure is known to leave it here. */
function returnsResult(run: Run, state: State, value: Expression | undefined, at: number): boolean {
  const { pending } = state;
  if (!pending || !value || (pending.result !== 'return' && pathOf(value) !== pending.result)) return false;
  const inner = bare(value);
  const isLeft = pending.fate
    ? pending.fate.other === 'borrow' && pending.fate.zero !== 'borrow'
    : inner.kind === 'call' && failsClean(calleeName(inner.callee));
  if (!isLeft || run.tracking.returnsPointer) {
    run.ends.end('kept', state, at);
    return true;
  }
  run.ends.end('kept', state, at, { exit: 'zero' });
  const trail = extend(state.trail, at, `returns ${spell(value)}, and where that failed it is still here`);
  const assumed = state.assumed + (pending.fate ? 0 : 1);
  run.ends.end('lost', { ...state, pending: undefined, assumed, trail }, at, { exit: 'error' });
  return true;
}

function exitOf(run: Run, value: Expression | undefined, state: State): ExitClass {
  if (!value) return 'void';
  const fact = valueFact(value, state.facts);
  if (isInFlight(value, state.facts)) return 'other';
  if (fact === 'error' || (fact === 'set' && !run.tracking.returnsPointer)) return 'error';
  if (fact === 'failed') return 'error';
  if (fact === 'zero') return run.tracking.returnsPointer ? 'null' : 'zero';
  if (fact === 'positive' || (fact !== undefined && /^=\d/.test(fact))) return 'positive';
  return 'other';
}

/** `return ERR_PTR(err)` where err is known to say that it is on its way: who completes it drops what it needs. */
function isInFlight(value: Expression, facts: Facts): boolean {
  const inner = bare(value);
  const path = pathOf(
    inner.kind === 'call' && calleeName(inner.callee) === 'ERR_PTR' ? (inner.args[0] ?? inner) : inner,
  );
  return path !== undefined && /^=-E(?:INPROGRESS|IOCBQUEUED)$/.test(facts.get(path) ?? '');
}
