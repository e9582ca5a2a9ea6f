import type { CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { SelfReallocDefect } from '../../model/source/defect.ts';
import type { FlowNode } from './flow-graph.ts';
import { bare, calleeName, pathOf, spell } from './paths.ts';
import { ignoredAt, stepAt } from './places.ts';
import type { UnitEffects } from './unit-effects.ts';

const REALLOC = /^(?:k?v?realloc|krealloc_array|krealloc_node|kvrealloc_node|devm_krealloc)$/;

/** `p = krealloc(p, …)`: where it fails, p is NULL and what it pointed to is lost. */
export function measureSelfRealloc(unit: CUnit, effects: UnitEffects): readonly SelfReallocDefect[] {
  return unit.files.flatMap((file) =>
    file.outline.functions
      .filter(({ calls }) => [...calls].some((name) => REALLOC.test(name) && !name.startsWith('devm')))
      .flatMap((outline) => examine(unit, effects, { file, outline })),
  );
}

function examine(unit: CUnit, effects: UnitEffects, definition: CDefinition): readonly SelfReallocDefect[] {
  const graph = effects.variablesOf(definition)?.graph;
  if (!graph) return [];
  return graph.nodes.flatMap((node) => {
    const found = selfRealloc(node);
    if (!found || graph.nodes.some((other) => other !== node && savesOld(other, found.path))) return [];
    const { file, outline } = definition;
    const ignored = ignoredAt(file, found.at);
    return [
      {
        kind: 'self-realloc',
        holder: found.path,
        by: found.name,
        file: file.name,
        line: unit.line(file, found.at),
        function: outline.name,
        ...(ignored === undefined ? {} : { ignored }),
        steps: [
          stepAt(unit, file, found.at, `where ${found.name}() fails, ${found.path} is NULL, and what it held is lost`),
        ],
      },
    ];
  });
}

function selfRealloc(
  node: FlowNode,
): { readonly path: string; readonly name: string; readonly at: number } | undefined {
  if (node.kind !== 'set') return undefined;
  const call = bare(node.right);
  if (call.kind !== 'call') return undefined;
  const name = calleeName(call.callee);
  const [old] = call.args;
  const path = pathOf(node.left);
  if (!REALLOC.test(name) || name.startsWith('devm') || !old || path === undefined) return undefined;
  if (call.args.some((arg) => spell(arg).includes('NOFAIL'))) return undefined;
  return pathOf(bare(old)) === path ? { path, name, at: call.at } : undefined;
}

/** `old = p`: it is kept elsewhere too. */
const savesOld = (node: FlowNode, path: string): boolean =>
  node.kind === 'set' && pathOf(bare(node.right)) === path && pathOf(node.left) !== path;
