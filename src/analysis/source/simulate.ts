import type { Expression } from '../../model/source/c-unit.ts';
import { iteratorOf } from './api/iterators.ts';
import { changed, forget, isAbsent, isElement, isOtherThing, isStruct } from './changes.ts';
import { wantedFacts } from './fact-flow.ts';
import { armFacts, splitFacts, storedFacts, valueFact } from './facts.ts';
import { throughJoins, type FlowNode, type NodeId } from './flow-graph.ts';
import { bare, calleeName, pathOf, rootOf, spell } from './paths.ts';
import { relate } from './relation.ts';
import { runCalls } from './run-calls.ts';
import { leaveByReturn } from './run-return.ts';
import { settle } from './settle.ts';
import { committed, extend, keyOf, withItem, type Outcome, type State } from './state.ts';
import { storeInto } from './store.ts';
import { Ends, type Tracking } from './tracking.ts';

export interface Simulation {
  readonly outcomes: readonly Outcome[];
  /** There were more paths than were followed. */
  readonly cut: boolean;
}

/** Steps for one resource; beyond it the rest of its paths is not followed. */
const MOST_STEPS = 2500;
const MOST_OUTCOMES = 400;

/** Follows a resource along the paths of its function. */
export function simulate(tracking: Tracking, starts: readonly State[]): Simulation {
  return new Walk(tracking).run(starts);
}

class Walk {
  readonly #tracking: Tracking;
  readonly #ends = new Ends();
  readonly #seen = new Set<string>();
  #queue: State[] = [];

  constructor(tracking: Tracking) {
    this.#tracking = tracking;
  }

  run(starts: readonly State[]): Simulation {
    this.#queue = [...starts];
    let steps = 0;
    for (let i = 0; i < this.#queue.length; i++) {
      const state = this.#queue[i];
      if (!state) continue;
      if (++steps > (this.#tracking.most ?? MOST_STEPS) || this.#ends.outcomes.length >= MOST_OUTCOMES)
        return { outcomes: this.#ends.outcomes, cut: true };
      this.#step(state);
    }
    return { outcomes: this.#ends.outcomes, cut: false };
  }

  #go(state: State, to: NodeId): void {
    const { variables } = this.#tracking;
    const { nodes, arrivals } = variables.graph;
    const node = throughJoins(nodes, to);
    const next = nodes[node];
    if (!next || next.kind === 'join') return;
    // Where only one way leads there is nothing to compare with.
    if (arrivals[node] === 1) {
      this.#queue.push({ ...state, node });
      return;
    }
    const facts = wantedFacts(variables, state.facts, next.at);
    const there = { ...state, node, facts };
    const key = keyOf(there);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#queue.push(there);
  }

  #step(state: State): void {
    const node = this.#tracking.variables.graph.nodes[throughJoins(this.#tracking.variables.graph.nodes, state.node)];
    if (!node) return;
    const after = runCalls({ tracking: this.#tracking, ends: this.#ends }, state, node);
    if (after) this.#leave(after, node);
  }

  #leave(state: State, node: FlowNode): void {
    switch (node.kind) {
      case 'run':
        this.#go(forget(state, node.value), node.next);
        break;
      case 'declare':
        this.#go(changed(state, node.name), node.next);
        break;
      case 'set':
        this.#set(state, node);
        break;
      case 'branch':
        this.#branch(state, node);
        break;
      case 'fork':
        this.#fork(state, node);
        break;
      case 'switch':
        for (const { value, to } of node.arms) {
          const facts = armFacts(node.value, value, state.facts, node.arms);
          if (facts) this.#go({ ...state, facts }, to);
        }
        break;
      case 'iterate':
        this.#iterate(state, node);
        break;
      case 'return':
        leaveByReturn({ tracking: this.#tracking, ends: this.#ends }, state, node);
        break;
      case 'join':
        break;
    }
  }

  #set(before: State, node: Extract<FlowNode, { kind: 'set' }>): void {
    const { left, right, at, next } = node;
    const state = forget(forget(before, right), left);
    const isCall = bare(right) === this.#tracking.call;
    const relation = isCall ? 'none' : relate(right, state);
    const path = pathOf(left);
    const fact = valueFact(right, state.facts) ?? (relation === 'inside' ? 'positive' : undefined);
    const known = path !== undefined && state.holders.includes(path);
    const gone = path === undefined ? state : this.#assigned(state, path, right);
    const facts = path === undefined || fact === undefined ? gone.facts : storedFacts(gone.facts, path, fact, right);
    const guard = this.#guardOf(right, path, state) ?? gone.guard;
    if (this.#isPartKept(right, path, state)) {
      this.#ends.end('kept', state, at);
      return;
    }
    const stored = storeInto({ ...gone, facts, guard }, this.#tracking.variables, left, relation, at, isStruct(right));
    if (stored === 'kept') {
      this.#ends.end('kept', state, at, path === undefined ? {} : { into: path });
      return;
    }
    if (
      stored.ghost === undefined &&
      stored.holders.length === 0 &&
      stored.inside.length === 0 &&
      stored.containers.length === 0
    ) {
      if (known && stored.doubts.length === 0) this.#overwritten(state, at, spell(left), isCall);
      else this.#ends.end('kept', state, at);
      return;
    }
    this.#go(stored, next);
  }

  /** `cache->mnt = path.mnt`: the parts of a path are put one by one. */
  #isPartKept(right: Expression, left: string | undefined, { holders }: State): boolean {
    if (this.#tracking.family?.id !== 'path' || left?.includes('->') !== true) return false;
    const part = pathOf(bare(right));
    return (
      part !== undefined && holders.some((holder) => holder.startsWith('&') && part.startsWith(`${holder.slice(1)}.`))
    );
  }

  /** `err = PTR_ERR_OR_ZERO(p)`: where err is not 0 there is no p. */
  #guardOf(right: Expression, path: string | undefined, state: State): State['guard'] {
    const inner = bare(right);
    // `file = f.file`: without a file there is nothing to put.
    const value = pathOf(inner);
    if (path !== undefined && value?.endsWith('.file') === true && state.holders.includes(value.slice(0, -5)))
      return { path, zeroFails: true };
    if (path === undefined || inner.kind !== 'call' || calleeName(inner.callee) !== 'PTR_ERR_OR_ZERO') return undefined;
    return inner.args[0] && relate(inner.args[0], state) === 'is' ? { path, zeroFails: false } : undefined;
  }

  /** A path is set: to the result of a call that is waited for, or to something else. */
  #assigned(state: State, path: string, right: Expression): State {
    const { pending } = state;
    const inner = bare(right);
    if (!pending || inner.kind !== 'call' || !pending.doubt.endsWith(String(inner.at))) return changed(state, path);
    return { ...changed({ ...state, pending: undefined }, path), pending };
  }

  #overwritten(state: State, at: number, what: string, again: boolean): void {
    const trail = extend(
      state.trail,
      at,
      again ? `${what} is set anew, and what it held is lost` : `${what} is overwritten`,
    );
    this.#ends.end('lost', { ...committed(state), trail }, at, { how: 'overwritten' });
  }

  #branch(state: State, { test, at, yes, no }: Extract<FlowNode, { kind: 'branch' }>): void {
    const [yes0, no0] = splitFacts(test, state.facts);
    const other = isOtherThing(test, state);
    const mustEnter = this.#mustEnter(state, at);
    // What was looked up may be what was there before: then it is not this function's to give back.
    if (other !== undefined && this.#tracking.family?.kind === 'reference') this.#ends.end('kept', state, at);
    const yesFacts = other === '==' ? undefined : yes0;
    const noFacts = other === '!=' || (mustEnter && yesFacts !== undefined) ? undefined : no0;
    const both = yesFacts !== undefined && noFacts !== undefined;
    const text = spell(test);
    const entered = mustEnter ? withItem(state.entered, String(at)) : state.entered;
    if (yesFacts)
      this.#side({ ...state, entered, facts: yesFacts }, test, true, at, both ? `${text} is true` : undefined, yes);
    if (noFacts) this.#side({ ...state, facts: noFacts }, test, false, at, both ? `${text} is false` : undefined, no);
  }

  #side(state: State, test: Expression, holds: boolean, at: number, what: string | undefined, to: NodeId): void {
    if (isAbsent(state)) return;
    if (this.#isCleared(state, at)) {
      this.#ends.end('released', committed(state), at);
      return;
    }
    const settled = settle(state, test, holds, this.#tracking.variables);
    if (settled === 'released' || settled === 'kept') {
      this.#ends.end(settled, state, at);
      return;
    }
    this.#go(what === undefined ? settled : { ...settled, trail: extend(settled.trail, at, what) }, to);
  }

  /** A loop that does something with what is held: that it may run no round is no path to look at. */
  #mustEnter({ holders, inside, entered, ghost }: State, at: number): boolean {
    const used = ghost === undefined ? this.#tracking.variables.bodies.get(at) : undefined;
    if (!used || entered.includes(String(at))) return false;
    return [...holders, ...inside].some((holder) => used.has(rootOf(holder)));
  }

  /** The head of a loop that frees what is held: that it may run no round is no path to look at. */
  #isCleared({ holders }: State, at: number): boolean {
    if (this.#tracking.pair) return this.#tracking.pair.heads.has(at);
    return this.#tracking.variables.clearing.some(
      ([from, paths]) =>
        from === at && holders.some((holder) => paths.some((path) => path === holder || isElement(holder, path))),
    );
  }

  #fork(state: State, { ways, at }: Extract<FlowNode, { kind: 'fork' }>): void {
    for (const { to, fact } of ways) {
      if (!fact) {
        this.#go(state, to);
        continue;
      }
      const [text, holds] = fact;
      const known = state.facts.get(`?${text}`);
      const wanted = holds ? 'positive' : 'zero';
      if (known !== undefined && known !== wanted) continue;
      const trail = extend(state.trail, at, `${text.slice(1)} is ${holds ? '' : 'not '}configured`);
      this.#go({ ...state, facts: new Map(state.facts).set(`?${text}`, wanted), trail }, to);
    }
  }

  /** The variables of a loop's head change with each round; what they held is somebody else's. */
  #iterate(state: State, { macro, args, body, done, at }: Extract<FlowNode, { kind: 'iterate' }>): void {
    if (this.#isCleared(state, at)) {
      this.#ends.end('released', committed(state), at);
      return;
    }
    if (state.node === this.#tracking.head) {
      this.#ends.end('released', committed(state), at);
      return;
    }
    let now = state;
    for (const arg of args) {
      const path = pathOf(arg);
      const isHeld =
        path !== undefined && [now.holders, now.containers, now.inside].some((list) => list.includes(path));
      if (path !== undefined && /^\w+$/.test(path) && !isHeld) now = changed(now, path);
    }
    const variable = args[iteratorOf(macro)?.variable ?? 0];
    if (variable && relate(variable, now) === 'is' && this.#tracking.family !== undefined) {
      this.#ends.end('kept', state, at);
      return;
    }
    const entered = withItem(now.entered, String(at));
    this.#go({ ...now, entered }, body);
    if (!this.#mustEnter(now, at)) this.#go(now, done);
  }
}
