import type { Expression } from '../../model/source/c-unit.ts';

export type NodeId = number;

/** One step of a function. Conditions are taken apart: a branch tests one thing. `at` is an offset into the file. */
export type FlowNode =
  | { readonly kind: 'run'; readonly value: Expression; readonly at: number; readonly next: NodeId }
  | {
      readonly kind: 'set';
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
      readonly next: NodeId;
    }
  /** A variable comes into being, without a value. */
  | { readonly kind: 'declare'; readonly name: string; readonly at: number; readonly next: NodeId }
  | {
      readonly kind: 'branch';
      readonly test: Expression;
      readonly at: number;
      readonly yes: NodeId;
      readonly no: NodeId;
    }
  /** Any of several ways; `facts` names what holds on each, so that the same choice is made the same way later. */
  | {
      readonly kind: 'fork';
      readonly at: number;
      readonly ways: readonly { readonly to: NodeId; readonly fact?: readonly [text: string, holds: boolean] }[];
    }
  | {
      readonly kind: 'switch';
      readonly value: Expression;
      readonly at: number;
      readonly arms: readonly { readonly value?: Expression; readonly to: NodeId }[];
    }
  /** The head of a macro that loops: another round, or behind the loop. */
  | {
      readonly kind: 'iterate';
      readonly macro: string;
      readonly args: readonly Expression[];
      readonly at: number;
      readonly body: NodeId;
      readonly done: NodeId;
    }
  | { readonly kind: 'return'; readonly value?: Expression; readonly at: number }
  /** Only leads on; labels and heads of loops. */
  | { readonly kind: 'join'; next: NodeId };

/** Where a step leads. */
export function nextOf(node: FlowNode): readonly NodeId[] {
  if (node.kind === 'branch') return [node.yes, node.no];
  if (node.kind === 'fork') return node.ways.map(({ to }) => to);
  if (node.kind === 'switch') return node.arms.map(({ to }) => to);
  if (node.kind === 'iterate') return [node.body, node.done];
  return node.kind === 'return' ? [] : [node.next];
}

/** Behind labels and heads of loops, which do nothing themselves. */
export function throughJoins(nodes: readonly FlowNode[], from: NodeId): NodeId {
  let at = from;
  for (let tries = 0; tries < 1000; tries++) {
    const node = nodes[at];
    if (node?.kind !== 'join' || node.next === at) return at;
    at = node.next;
  }
  return at;
}

export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
  readonly entry: NodeId;
  /** For each step how many lead to it, as far as that is one or more. */
  readonly arrivals: Uint8Array;
  /** Ranges of offsets that may run again. */
  readonly loops: readonly (readonly [from: number, to: number])[];
  /** Variables that are declared, and how. */
  readonly locals: ReadonlyMap<string, LocalForm>;
}

/** `struct`: a struct or array in the frame itself. */
export type LocalForm = 'pointer' | 'bool' | 'plain' | 'struct' | 'static' | 'cleanup';
