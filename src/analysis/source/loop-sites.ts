import { takerOf } from './api/catalog.ts';
import { iteratorOf } from './api/iterators.ts';
import { factsBefore } from './fact-flow.ts';
import type { Site } from './find-sites.ts';
import type { FlowNode, NodeId } from './flow-graph.ts';
import { pathOf, spell } from './paths.ts';
import { extend, freshState, type Variables } from './state.ts';

/** Bodies of loops that hold a reference on what they are at. */
export function findLoops(variables: Variables): readonly Site[] {
  const heads = [...variables.graph.nodes.entries()].filter(
    (entry): entry is [NodeId, Extract<FlowNode, { kind: 'iterate' }>] =>
      entry[1].kind === 'iterate' && iteratorOf(entry[1].macro) !== undefined,
  );
  if (heads.length === 0) return [];
  const facts = factsBefore(variables, new Set(heads.map(([id]) => id)));
  return heads.flatMap(([id, node]) => {
    const iterator = iteratorOf(node.macro);
    const taker = iterator && takerOf(iterator.taker);
    const variable = iterator && node.args[iterator.variable];
    const path = variable && pathOf(variable);
    if (!taker || !variable || path === undefined) return [];
    const call = { kind: 'call', callee: { kind: 'name', name: node.macro }, args: node.args, at: node.at } as const;
    const starts = (facts.get(id) ?? []).map((known) => ({
      ...freshState(node.body, [path], known),
      trail: extend(undefined, node.at, `${node.macro}() holds a reference on ${spell(variable)} in each round`),
    }));
    return [
      {
        taker: { ...taker, name: node.macro, form: 'returns' },
        made: { call, name: node.macro, result: undefined },
        node,
        holder: path,
        starts,
        passedOn: false,
        head: id,
      } as const,
    ];
  });
}
