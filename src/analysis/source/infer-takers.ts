import type { CallExpression } from '../../model/source/c-unit.ts';
import type { ResourceFamily } from '../../model/source/resource.ts';
import { familyOf, giverOf } from './api/catalog.ts';
import { callsOf } from './calls-of.ts';
import { bare, calleeName, pathOf, rootOf } from './paths.ts';
import type { Variables } from './state.ts';

const MAKES = /(?:^|_)(?:k?v?[mz]?alloc|create|new|dup|clone|build|copy|make)(?:_|\d|$)/;
const GETS = /(?:^|_)(?:get|find|lookup|grab|acquire|hold|open|ref|search)(?:_|\d|$)/;

/**
 * What functions that no table knows hand out, told by what this function does with it: who puts a node at its end holds
 * it on every other way out too. Only names that speak of getting or making count.
 */
export function inferTakers(variables: Variables): ReadonlyMap<CallExpression, ResourceFamily> {
  const given = givenBack(variables);
  const found = new Map<CallExpression, ResourceFamily>();
  if (given.size === 0) return found;
  for (const node of variables.graph.nodes) {
    if (node.kind !== 'set' || node.left.kind !== 'name') continue;
    const call = bare(node.right);
    if (call.kind !== 'call' || variables.graph.locals.get(node.left.name) !== 'pointer') continue;
    const family = given.get(node.left.name);
    const name = calleeName(call.callee);
    if (family && (family.kind === 'reference' ? GETS : MAKES).test(name)) found.set(call, family);
  }
  return found;
}

/** Local variables that are given back, and as what. */
function givenBack({ graph }: Variables): ReadonlyMap<string, ResourceFamily> {
  const given = new Map<string, ResourceFamily>();
  for (const node of graph.nodes) {
    for (const { call, name } of callsOf(node)) {
      const giver = giverOf(name);
      const arg = giver && call.args[giver.index];
      const path = arg && pathOf(bare(arg));
      const [first] = giver?.families ?? [];
      const family = first === undefined ? undefined : familyOf(first);
      if (path === undefined || !family) continue;
      const root = rootOf(path);
      // `put(p)`, or a count that p holds: `kref_put(&p->ref, …)`; not what p only leads to.
      if (path === root || (family.kind === 'reference' && path.startsWith('&'))) given.set(root, family);
    }
  }
  return given;
}
