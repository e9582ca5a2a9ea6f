import type { CallExpression, CDefinition, CUnit } from '../../model/source/c-unit.ts';
import type { PutAfterCloseDefect } from '../../model/source/defect.ts';
import { giverOf } from './api/catalog.ts';
import { callsOf, type CallMade } from './calls-of.ts';
import type { FlowGraph, FlowNode, NodeId } from './flow-graph.ts';
import { bare, isWithin, pathOf, rootOf, spell } from './paths.ts';
import { ignoredAt, stepAt } from './places.ts';
import type { UnitEffects } from './unit-effects.ts';

/** Puts whose argument lies in a file, and the argument meant. */
const PUTS: ReadonlySet<string> = new Set(['path_put', 'dput', 'mntput']);
const CLOSERS: ReadonlySet<string> = new Set([
  'fput',
  'filp_close',
  '__fput_sync',
  'fput_sync',
  '__fput',
  'flush_delayed_fput',
]);
/** Closes by descriptor: system calls, and pointers to them that a hook keeps. */
const BY_DESCRIPTOR = /(?:^|_)close(?:_fd)?(?:_|$)/;

/**
 * `path_put(&file->f_path)` behind the close of `file`: closing drops the file's own references and clears its path, so that
 * the put finds nothing to drop, and the reference that was taken before stays for ever.
 */
export function measurePutAfterClose(unit: CUnit, effects: UnitEffects): readonly PutAfterCloseDefect[] {
  return unit.files.flatMap((file) =>
    file.outline.functions
      .filter(({ calls }) => [...PUTS].some((name) => calls.has(name)))
      .flatMap((outline) => examine(unit, effects, { file, outline })),
  );
}

function examine(unit: CUnit, effects: UnitEffects, definition: CDefinition): readonly PutAfterCloseDefect[] {
  const graph = effects.variablesOf(definition)?.graph;
  if (!graph) return [];
  const made = graph.nodes.flatMap((node, id) => callsOf(node).map((call) => ({ id, ...call })));
  const puts = made.flatMap(({ id, name, call }) => {
    const path = PUTS.has(name) && call.args[0] ? filePath(call) : undefined;
    return path === undefined ? [] : [{ id, call, path }];
  });
  for (const put of puts) {
    const file = rootOfFile(put.path);
    const close = made.find(
      (other) => other.call !== put.call && closes(other, file, made) && leadsTo(graph, other.id, put.id, file),
    );
    if (close) return [describe(unit, definition, put.call, close)];
  }
  return [];
}

/** `&file->f_path`, `file->f_path.dentry`: without the `&`. */
function filePath({ args }: CallExpression): string | undefined {
  const arg = args[0] && bare(args[0]);
  const path = arg && pathOf(arg)?.replace(/^&/, '');
  return path !== undefined && /->f_path(?:\.(?:dentry|mnt))?$/.test(path) ? path : undefined;
}

const rootOfFile = (path: string): string => path.slice(0, path.lastIndexOf('->f_path'));

function closes(made: CallMade, file: string, all: readonly CallMade[]): boolean {
  const { call, name } = made;
  if (CLOSERS.has(name)) return call.args.some((arg) => pathOf(bare(arg)) === file);
  if (!BY_DESCRIPTOR.test(name) || giverOf(name) !== undefined) return false;
  // The file itself is held where the function took a count on it and drops it behind the put.
  return all.some(
    ({ name: other, call: get }) =>
      /^(?:path_get|dget|mntget)$/.test(other) &&
      get.args.some((arg) => isWithin(pathOf(bare(arg))?.replace(/^&/, '') ?? '', file)),
  );
}

/** Whether one step comes behind another with `file` still the same. */
function leadsTo({ nodes }: FlowGraph, from: NodeId, to: NodeId, file: string): boolean {
  const seen = new Set<NodeId>();
  const queue = next(nodes[from]);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const node = nodes[at];
    if (node?.kind === 'set' && rootOf(pathOf(node.left) ?? '') === rootOf(file) && pathOf(node.left) === file)
      continue;
    queue.push(...next(node));
  }
  return false;
}

function next(node: FlowNode | undefined): NodeId[] {
  if (!node) return [];
  if ('next' in node) return [node.next];
  if (node.kind === 'branch') return [node.yes, node.no];
  if (node.kind === 'fork') return node.ways.map(({ to }) => to);
  if (node.kind === 'switch') return node.arms.map(({ to }) => to);
  return node.kind === 'iterate' ? [node.body, node.done] : [];
}

function describe(
  unit: CUnit,
  { file, outline }: CDefinition,
  put: CallExpression,
  { call, name }: CallMade,
): PutAfterCloseDefect {
  const ignored = ignoredAt(file, put.at) ?? ignoredAt(file, call.at);
  return {
    kind: 'put-after-close',
    file: file.name,
    line: unit.line(file, put.at),
    function: outline.name,
    put: spell(put),
    close: spell(call),
    byDescriptor: !CLOSERS.has(name),
    ...(ignored === undefined ? {} : { ignored }),
    steps: [
      stepAt(unit, file, call.at, `${name}() closes the file, and clears its path`),
      stepAt(unit, file, put.at, 'drops what the cleared path holds now: nothing'),
    ],
  };
}
