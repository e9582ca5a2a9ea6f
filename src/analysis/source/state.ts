import type { FlowGraph, LocalForm, NodeId } from './flow-graph.ts';
import type { Fact, Facts } from './facts.ts';

/** One step of the way that led here, the last one first. */
export interface Trail {
  readonly at: number;
  readonly what: string;
  readonly before: Trail | undefined;
  readonly length: number;
}

/** What becomes of what a function is given. */
export type Fate = 'borrow' | 'release' | 'keep';

/** By the value that the function returns: 0, NULL and false, or anything else. */
export interface ResultFate {
  readonly zero: Fate;
  readonly other: Fate;
}

/** A call whose result says what it did, once somebody asks. */
export interface Pending {
  /** Where the result is: a path, `test`, `return`. */
  readonly result: string;
  /** What is left open until then, and for ever where nobody asks. */
  readonly doubt: string;
  /** Undefined for a function that nobody knows: it is taken to keep what it is given unless it fails. */
  readonly fate: ResultFate | undefined;
}

/** The resource on one path: who holds it here, and what may have happened to it. */
export interface State {
  readonly node: NodeId;
  /** Paths whose value is the resource, sorted. */
  readonly holders: readonly string[];
  /** Variables that point into it. */
  readonly inside: readonly string[];
  /** Variables of this function that hold it in what they point to, and go where it goes. */
  readonly containers: readonly string[];
  /**
   * Where it may have been taken over: `c` and the offset of a call, `s` of a store, `l` of a list. Sorted. Whether it was
   * is told by what other paths do behind the same place.
   */
  readonly doubts: readonly string[];
  /** A call that may have taken it over, if it did not fail; where its result is. */
  readonly pending: Pending | undefined;
  /** Loops that were entered, by the offset of their head. */
  readonly entered: readonly string[];
  /** The resource exists only where this value says so. */
  readonly guard: { readonly path: string; readonly zeroFails: boolean } | undefined;
  /** Calls that were taken to have failed, and so to have left it alone. */
  readonly assumed: number;
  /** Calls of unknown functions that were taken to borrow it. */
  readonly lent: number;
  /** Counts on the same thing that this function took before: the next put may be theirs. */
  readonly owed: number;
  /** It was given back: only the way out is followed, of the outcome with this number. */
  readonly ghost: number | undefined;
  readonly facts: Facts;
  readonly trail: Trail | undefined;
}

/** `null`: of a function that returns a pointer. */
export type ExitClass = 'error' | 'null' | 'zero' | 'positive' | 'other' | 'void';

/** How a path ends for the resource. */
export interface Outcome {
  readonly kind: 'lost' | 'released' | 'kept' | 'returned' | 'wrong-free';
  /** Lost: how. */
  readonly how: 'exit' | 'overwritten' | 'container-freed';
  readonly at: number;
  readonly exit: ExitClass;
  /** What is known of the value that is returned. */
  readonly value?: Fact;
  /** The function that took it back or over. */
  readonly by?: string;
  /** The last call, whose result is returned unseen, is taken to have failed. */
  readonly tail?: true;
  /** Where it was stored for somebody else. */
  readonly into?: string;
  readonly state: State;
  /** Released: how the function ends behind it. */
  readonly exits: Set<ExitClass>;
}

/** What is known of the variables of a function, whichever path is taken. */
export interface Variables {
  readonly graph: FlowGraph;
  readonly parameters: ReadonlySet<string>;
  /** Locals that point to what this function allocated. */
  readonly owned: ReadonlySet<string>;
  /** Where such a local is first known to others: what is stored in it from there on is theirs too. */
  readonly escapes: ReadonlyMap<string, number>;
  /** What was allocated here and is stored in something else that was. */
  readonly within: ReadonlyMap<string, readonly string[]>;
  /** `priv = netdev_priv(dev)`: priv is a part of dev, and goes when that goes. */
  readonly parts: ReadonlyMap<string, string>;
  /** Loops by the offset of their head, and the variables that are used in their bodies. */
  readonly bodies: ReadonlyMap<number, ReadonlySet<string>>;
  /** Loops that give something back, by the offset of their head: the paths that they free. */
  readonly clearing: readonly (readonly [head: number, paths: readonly string[]])[];
  /** For each fact that is asked for, the last offset where it is. */
  readonly lastUse: ReadonlyMap<string, number>;
}

export const formOf = ({ graph, parameters }: Variables, name: string): LocalForm | 'parameter' | 'global' =>
  graph.locals.get(name) ?? (parameters.has(name) ? 'parameter' : 'global');

/** Nothing has happened to it yet. */
export const freshState = (node: NodeId, holders: readonly string[], facts: Facts): State => ({
  node,
  holders,
  inside: [],
  containers: [],
  doubts: [],
  pending: undefined,
  entered: [],
  guard: undefined,
  assumed: 0,
  lent: 0,
  owed: 0,
  ghost: undefined,
  facts,
  trail: undefined,
});

export function extend(trail: Trail | undefined, at: number, what: string): Trail {
  return { at, what, before: trail, length: (trail?.length ?? 0) + 1 };
}

/** A call whose result nobody asked for before something else happened: it is taken to have kept what it was given. */
export function committed(state: State): State {
  if (!state.pending) return state;
  return { ...state, doubts: withItem(state.doubts, state.pending.doubt), pending: undefined };
}

export const withItem = (list: readonly string[], item: string): readonly string[] =>
  list.includes(item) ? list : [...list, item].toSorted();

const spelled = new WeakMap<Facts, string>();

/** The same for the same facts, whatever the order they came in. Sets of facts are never changed, and many states share one. */
export function spellFacts(facts: Facts): string {
  const known = spelled.get(facts);
  if (known !== undefined) return known;
  const text = [...facts]
    .map(([path, fact]) => `${path}:${fact}`)
    .toSorted()
    .join('|');
  spelled.set(facts, text);
  return text;
}

export function keyOf(state: State): string {
  const { node, holders, inside, containers, doubts, pending, entered, guard, assumed, ghost } = state;
  return [
    node,
    holders,
    inside,
    containers,
    doubts,
    pending?.doubt,
    pending?.result,
    guard?.path,
    entered,
    assumed > 0,
    ghost,
    state.owed,
    spellFacts(state.facts),
  ].join('|');
}
