import type { CallExpression, Expression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { changed, filled, forget, isAbsent, isElement, isOtherThing, isStruct } from './changes.ts';
import { wantedFacts } from './fact-flow.ts';
import { armFacts, splitFacts, storedFacts, valueFact } from './facts.ts';
import { throughJoins, type FlowNode, type NodeId } from './flow-graph.ts';
import { bare, calleeName, pathOf, rootOf, spell } from './paths.ts';
import { relate } from './relation.ts';
import { eaterOf, giverOf } from './api/catalog.ts';
import { failsClean, halts } from './api/effects.ts';
import { iteratorOf } from './api/iterators.ts';
import { callsOf, type CallMade } from './calls-of.ts';
import { callEffect, type Effect, type Effects } from './call-effect.ts';
import { pairEffect } from './pair-effect.ts';
import { storeInto } from './store.ts';
import { settle } from './settle.ts';
import {
  committed,
  extend,
  keyOf,
  withItem,
  type ExitClass,
  type Outcome,
  type State,
  type Variables,
} from './state.ts';

/** One resource of one function, to be followed along every path from where it is taken. */
export interface Tracking {
  readonly variables: Variables;
  /** Undefined for a parameter whose fate is asked for. */
  readonly family: ResourceFamily | undefined;
  /** The call that takes it; coming there again means that a loop went round. */
  readonly call: CallExpression | undefined;
  /** The head of a loop that drops it itself. */
  readonly head?: NodeId | undefined;
  readonly form: 'returns' | 'out' | 'argument' | 'member' | 'setup' | 'parameter';
  /** For `setup`: what undoes it. */
  readonly pair?: Pair;
  readonly effects: Effects;
  /** The function returns a pointer: NULL is its failure. */
  readonly returnsPointer: boolean;
  /** Steps that are worth it, where fewer are than usual. */
  readonly most?: number;
}

export interface Simulation {
  readonly outcomes: readonly Outcome[];
  /** There were more paths than were followed. */
  readonly cut: boolean;
}

/** A call that is undone by others, told by their names. What it made has no pointer: nobody can store it. */
export interface Pair {
  readonly gives: ReadonlySet<string>;
  /** What it was made of or in, as the call was given it. */
  readonly path: string;
  /** What calls of the same function in this one were given. */
  readonly others: ReadonlySet<string>;
  /** Loops that undo it, by the offset of their head. */
  readonly heads: ReadonlySet<number>;
}

/** Steps for one resource; beyond it the rest of its paths is not followed. */
const MOST_STEPS = 2500;
const MOST_OUTCOMES = 400;

/** Follows a resource along the paths of its function. */
export function simulate(tracking: Tracking, starts: readonly State[]): Simulation {
  return new Run(tracking).run(starts);
}

class Run {
  readonly #tracking: Tracking;
  readonly #outcomes: Outcome[] = [];
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
      if (++steps > (this.#tracking.most ?? MOST_STEPS) || this.#outcomes.length >= MOST_OUTCOMES)
        return { outcomes: this.#outcomes, cut: true };
      this.#step(state);
    }
    return { outcomes: this.#outcomes, cut: false };
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
    const after = this.#runCalls(state, node);
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
        this.#return(state, node);
        break;
      case 'join':
        break;
    }
  }

  #end(
    kind: Outcome['kind'],
    state: State,
    at: number,
    rest: Partial<Pick<Outcome, 'how' | 'by' | 'exit' | 'value' | 'into'>> = {},
  ): void {
    this.#outcomes.push({ kind, how: 'exit', exit: 'other', ...rest, at, state, exits: new Set() });
  }

  /** Everything that is called in a step, inner calls first. Undefined where the resource's path ends in one of them. */
  #runCalls(state: State, node: FlowNode): State | undefined {
    let now: State | undefined = state;
    for (const made of callsOf(node)) {
      if (!now) return undefined;
      if (made.call === this.#tracking.call) {
        now = this.#again(now, node);
        continue;
      }
      now = this.#call(now, made);
    }
    return now;
  }

  /** Back at the call that took it: a loop went round. What returns the next one is looked at when that is stored. */
  #again(state: State, node: FlowNode): State | undefined {
    // Given back and taken anew: it is not known what the function would do at its end.
    if (state.ghost !== undefined) return undefined;
    const { call, family } = this.#tracking;
    const eater = call && eaterOf(calleeName(call.callee));
    const eaten = eater && eater.family === family?.id ? call.args[eater.index] : undefined;
    // `d = f(d)`: what comes back stands for what was given.
    if (call?.args.some((arg) => relate(arg, state) === 'is') === true && !eaten) {
      this.#end('kept', state, 'at' in node ? node.at : 0);
      return undefined;
    }
    if (eaten && relate(eaten, state) === 'is') {
      this.#end('released', committed(state), 'at' in node ? node.at : 0);
      return undefined;
    }
    return node.kind === 'set' && bare(node.right) === call ? state : undefined;
  }

  #call(state: State, made: CallMade): State | undefined {
    if (halts(made.name)) return undefined;
    if (state.ghost !== undefined) return forget(state, made.call);
    if (this.#dropsByAnotherName(state, made)) {
      this.#end('released', committed(state), made.call.at, { by: made.name });
      return undefined;
    }
    const { effects, family, variables, pair } = this.#tracking;
    const effect = pair ? pairEffect(effects, pair, made) : callEffect(effects, family, made, state, variables);
    const after = this.#takeEffect(filled(state, made), made, effect);
    return after && forget(after, made.call);
  }

  /** `usb_get_dev(udev)`, `usb_put_dev(interface_to_usbdev(intf))`: what is put is got from somewhere by a call. */
  #dropsByAnotherName(state: State, { call, name }: CallMade): boolean {
    const { form, family } = this.#tracking;
    if (form !== 'argument' || family === undefined) return false;
    const giver = giverOf(name);
    const arg = giver?.families.has(family.id) === true ? call.args[giver.index] : undefined;
    return arg !== undefined && bare(arg).kind === 'call' && relate(arg, state) === 'none';
  }

  #takeEffect(state: State, { call, name, result }: CallMade, effect: Effect): State | undefined {
    switch (effect.kind) {
      case 'none':
        return state;
      case 'lent':
        return { ...state, lent: state.lent + 1 };
      case 'released':
        if (state.owed > 0) return { ...state, owed: state.owed - 1 };
        this.#end('released', committed(state), call.at, { by: name });
        return this.#ghost(state);
      case 'kept':
        this.#end('kept', state, call.at, { by: name });
        return undefined;
      case 'wrong-free':
        this.#end('wrong-free', state, call.at, { by: name });
        return undefined;
      case 'container-freed':
        return this.#containerFreed(state, call.at, effect.path, name);
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
        return this.#byResult(state, { call, name, result }, effect);
    }
  }

  /** A function whose result tells what it did. */
  #byResult(state: State, { call, result }: CallMade, { zero, other }: Extract<Effect, { kind: 'by-result' }>): State {
    const before = committed(state);
    const doubt = `${zero === 'keep' || other === 'keep' ? 'k' : 'r'}${call.at}`;
    if (result === undefined) return { ...before, doubts: withItem(before.doubts, doubt) };
    return { ...before, pending: { result, doubt, fate: { zero, other } } };
  }

  #containerFreed(state: State, at: number, path: string, by: string): State | undefined {
    const { parts } = this.#tracking.variables;
    const within = (item: string): boolean =>
      item === path || rootOf(item) === path || parts.get(rootOf(item)) === path;
    const holders = state.holders.filter((holder) => !within(holder));
    const left = { ...state, holders, containers: state.containers.filter((item) => item !== path) };
    if (holders.length > 0) return left;
    const trail = extend(state.trail, at, `${by}() frees ${path}, which holds it`);
    // Who frees the whole was not deprived of it: what it was given to before has not kept it.
    this.#end('lost', { ...state, doubts: [], pending: undefined, trail }, at, { how: 'container-freed', by });
    return undefined;
  }

  /** Where something depends on how the function ends behind giving it back, that is followed. */
  #ghost(state: State): State | undefined {
    if (
      this.#tracking.form !== 'parameter' &&
      state.doubts.length === 0 &&
      !state.pending &&
      state.holders.every((holder) => !holder.startsWith('&')) &&
      this.#tracking.form !== 'argument'
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
      ghost: this.#outcomes.length - 1,
    };
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
    const stored = storeInto({ ...gone, facts, guard }, this.#tracking.variables, left, relation, at, isStruct(right));
    if (stored === 'kept') {
      this.#end('kept', state, at, path === undefined ? {} : { into: path });
      return;
    }
    if (
      stored.ghost === undefined &&
      stored.holders.length === 0 &&
      stored.inside.length === 0 &&
      stored.containers.length === 0
    ) {
      if (known && stored.doubts.length === 0) this.#overwritten(state, at, spell(left), isCall);
      else this.#end('kept', state, at);
      return;
    }
    this.#go(stored, next);
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
    this.#end('lost', { ...committed(state), trail }, at, { how: 'overwritten' });
  }

  #branch(state: State, { test, at, yes, no }: Extract<FlowNode, { kind: 'branch' }>): void {
    const [yes0, no0] = splitFacts(test, state.facts);
    const other = isOtherThing(test, state);
    const mustEnter = this.#mustEnter(state, at);
    // What was looked up may be what was there before: then it is not this function's to give back.
    if (other !== undefined && this.#tracking.family?.kind === 'reference') this.#end('kept', state, at);
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
      this.#end('released', committed(state), at);
      return;
    }
    const settled = settle(state, test, holds, this.#tracking.variables);
    if (settled === 'released' || settled === 'kept') {
      this.#end(settled, state, at);
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
      this.#end('released', committed(state), at);
      return;
    }
    if (state.node === this.#tracking.head) {
      this.#end('released', committed(state), at);
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
      this.#end('kept', state, at);
      return;
    }
    const entered = withItem(now.entered, String(at));
    this.#go({ ...now, entered }, body);
    if (!this.#mustEnter(now, at)) this.#go(now, done);
  }

  #return(state: State, { value, at }: Extract<FlowNode, { kind: 'return' }>): void {
    const relation = value ? relate(value, state) : 'none';
    const exit = this.#exitOf(value, state);
    if (state.ghost !== undefined) {
      this.#outcomes[state.ghost]?.exits.add(exit);
      return;
    }
    if (relation !== 'none') {
      this.#end('returned', committed(state), at, { exit });
      return;
    }
    const waited = this.#returnsResult(state, value, at);
    if (waited) return;
    if (state.guard && value && pathOf(value) === state.guard.path) {
      this.#end('kept', state, at, { exit });
      return;
    }
    const what = value ? `returns ${spell(value)}` : 'the function ends';
    const fact = value && valueFact(value, state.facts);
    this.#end('lost', { ...committed(state), trail: extend(state.trail, at, what) }, at, {
      exit,
      ...(fact === undefined ? {} : { value: fact }),
    });
  }

  /** `return register(p)`: it may have failed, and nobody looks. Lost, where a failure is known to leave it here. */
  #returnsResult(state: State, value: Expression | undefined, at: number): boolean {
    const { pending } = state;
    if (!pending || !value || (pending.result !== 'return' && pathOf(value) !== pending.result)) return false;
    const inner = bare(value);
    const isLeft = pending.fate
      ? pending.fate.other === 'borrow' && pending.fate.zero !== 'borrow'
      : inner.kind === 'call' && failsClean(calleeName(inner.callee));
    if (!isLeft || this.#tracking.returnsPointer) {
      this.#end('kept', state, at);
      return true;
    }
    this.#end('kept', state, at, { exit: 'zero' });
    const trail = extend(state.trail, at, `returns ${spell(value)}, and where that failed it is still here`);
    const assumed = state.assumed + (pending.fate ? 0 : 1);
    this.#end('lost', { ...state, pending: undefined, assumed, trail }, at, { exit: 'error' });
    return true;
  }

  #exitOf(value: Expression | undefined, state: State): ExitClass {
    if (!value) return 'void';
    const fact = valueFact(value, state.facts);
    if (fact === 'error' || (fact === 'set' && !this.#tracking.returnsPointer)) return 'error';
    if (fact === 'failed') return 'error';
    if (fact === 'zero') return this.#tracking.returnsPointer ? 'null' : 'zero';
    if (fact === 'positive' || (fact !== undefined && /^=\d/.test(fact))) return 'positive';
    return 'other';
  }
}
