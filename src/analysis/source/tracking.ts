import type { CallExpression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import type { Effects } from './call-effect.ts';
import type { NodeId } from './flow-graph.ts';
import type { ExitClass, Outcome, State, Variables } from './state.ts';

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
  /** Another function undoes this one, when it has succeeded. */
  readonly undone?: boolean;
  /** Steps that are worth it, where fewer are than usual. */
  readonly most?: number;
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

/** How the paths of one resource end, in the order in which they do. */
export class Ends {
  readonly outcomes: Outcome[] = [];

  /** The number of the last one. */
  get latest(): number {
    return this.outcomes.length - 1;
  }

  end(
    kind: Outcome['kind'],
    state: State,
    at: number,
    rest: Partial<Pick<Outcome, 'how' | 'by' | 'exit' | 'value' | 'into' | 'tail'>> = {},
  ): void {
    this.outcomes.push({ kind, how: 'exit', exit: 'other', ...rest, at, state, exits: new Set() });
  }

  /** How the function ends behind one of them. */
  leave(number: number, exit: ExitClass): void {
    this.outcomes[number]?.exits.add(exit);
  }
}

/** One resource on its way through its function. */
export interface Run {
  readonly tracking: Tracking;
  readonly ends: Ends;
}
