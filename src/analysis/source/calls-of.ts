import type { CallExpression, Expression } from '../../model/source/c-unit.ts';
import { walkExpression } from './calls.ts';
import type { FlowNode } from './flow-graph.ts';
import { bare, calleeName, pathOf } from './paths.ts';

/** A call as a step makes it. */
export interface CallMade {
  readonly call: CallExpression;
  readonly name: string;
  /** Where its value goes: a path, `test`, `return`; undefined where it is dropped or part of something larger. */
  readonly result: string | undefined;
}

const calls = new WeakMap<FlowNode, readonly CallMade[]>();

/** Every call of a step, inner ones first, and where the result of the outermost one goes. */
export function callsOf(node: FlowNode): readonly CallMade[] {
  const known = calls.get(node);
  if (known) return known;
  const made: CallMade[] = [];
  for (const [expression, result] of expressionsOf(node)) collect(expression, result, made);
  calls.set(node, made);
  return made;
}

function expressionsOf(node: FlowNode): readonly (readonly [Expression, string | undefined])[] {
  switch (node.kind) {
    case 'run':
      return [[node.value, undefined]];
    case 'set':
      return [
        [node.right, pathOf(node.left)],
        [node.left, undefined],
      ];
    case 'branch':
      return [[node.test, 'test']];
    case 'switch':
      return [[node.value, undefined]];
    case 'return':
      return node.value ? [[node.value, 'return']] : [];
    case 'iterate':
      return node.args.map((arg) => [arg, undefined] as const);
    case 'declare':
    case 'fork':
    case 'join':
      return [];
  }
}

function collect(expression: Expression, result: string | undefined, into: CallMade[]): void {
  const outer = outermost(expression, result === 'test');
  const found: CallMade[] = [];
  walkExpression(expression, (part) => {
    if (part.kind === 'call')
      found.push({ call: part, name: calleeName(part.callee), result: part === outer ? result : undefined });
  });
  into.push(...found.toReversed());
}

/** The call whose value is the expression's. */
function outermost(expression: Expression, isTest: boolean): Expression | undefined {
  const inner = bare(expression);
  if (inner.kind === 'call') return inner;
  return isTest && inner.kind === 'binary' ? bare(inner.left) : undefined;
}
