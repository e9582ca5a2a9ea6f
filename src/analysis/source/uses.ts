import type { Expression } from '../../model/source/c-unit.ts';
import { isTaker } from './api/catalog.ts';
import { walkExpression } from './calls.ts';
import { textKey } from './facts.ts';
import type { FlowGraph, FlowNode } from './flow-graph.ts';
import { bare, calleeName, pathOf, rootOf } from './paths.ts';
import type { Variables } from './state.ts';

/** What can be said of the variables of a function without following its paths. */
export function readVariables(
  graph: FlowGraph,
  parameters: readonly string[],
  takes: (name: string) => boolean,
): Variables {
  return {
    graph,
    parameters: new Set(parameters),
    owned: ownedIn(graph, takes),
    lastUse: lastUses(graph),
  };
}

/** Locals that are set to what was just allocated, and those that point into it. */
function ownedIn(graph: FlowGraph, takes: (name: string) => boolean): ReadonlySet<string> {
  const owned = new Set<string>();
  for (let round = 0; round < 2; round++) {
    for (const node of graph.nodes) {
      if (node.kind !== 'set' || node.left.kind !== 'name' || !graph.locals.has(node.left.name)) continue;
      const value = bare(node.right);
      if (value.kind !== 'call') continue;
      const name = calleeName(value.callee);
      const [first] = value.args;
      const from = first && pathOf(first);
      if (takes(name) && !isReference(name)) owned.add(node.left.name);
      else if (from !== undefined && owned.has(from) && /priv/i.test(name)) owned.add(node.left.name);
    }
  }
  return owned;
}

const isReference = (name: string): boolean =>
  isTaker(name) && /(?:^|_)(?:get|find|hold|lookup|grab|dget|fget)(?:_|$)/.test(name);

/** Facts are kept while something may ask for them: inside of a loop until its end. */
function lastUses(graph: FlowGraph): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const node of graph.nodes) {
    if (!('at' in node)) continue;
    const at = graph.loops.reduce(
      (end, [from, to]) => (node.at >= from && node.at <= to ? Math.max(end, to) : end),
      node.at,
    );
    for (const key of asked(node)) last.set(key, Math.max(last.get(key) ?? 0, at));
  }
  return last;
}

function asked(node: FlowNode): readonly string[] {
  switch (node.kind) {
    case 'branch':
      return keysIn(node.test, true);
    case 'switch':
      return keysIn(node.value, false);
    case 'return':
      return node.value ? keysIn(node.value, false) : [];
    case 'set':
      return keysIn(node.right, false);
    case 'fork':
      return node.ways.flatMap(({ fact }) => (fact ? [`?${fact[0]}`] : []));
    case 'run':
    case 'declare':
    case 'iterate':
    case 'join':
      return [];
  }
}

function keysIn(expression: Expression, whole: boolean): readonly string[] {
  const keys: string[] = [];
  const text = whole ? textKey(expression) : undefined;
  if (text !== undefined) keys.push(text);
  walkExpression(expression, (part) => {
    if (part.kind !== 'name' && part.kind !== 'field' && part.kind !== 'index') return;
    const path = pathOf(part);
    if (path !== undefined) keys.push(path);
  });
  return keys;
}

/** Facts that somebody may still ask for behind an offset. */
export function isWanted({ lastUse }: Variables, key: string, at: number): boolean {
  const plain = key.startsWith('!') ? key.slice(1).replace(/=.*$/, '') : key;
  return (lastUse.get(plain) ?? -1) >= at;
}

/** Whether a fact is about something that an assignment to `path` changes. */
export function isAbout(key: string, path: string): boolean {
  if (key.startsWith('?'))
    return new RegExp(`(?<![\\w$])${escapeName(rootOf(path))}(?![\\w$])`).test(key) && mentions(key, path);
  const plain = key.startsWith('!') ? key.slice(1) : key;
  return plain === path || (plain.startsWith(path) && /^[-.[=]/.test(plain.slice(path.length)));
}

const escapeName = (name: string): string => name.replaceAll('$', String.raw`\$`);

/** A text that has the path in it, or what the path leads to. */
function mentions(key: string, path: string): boolean {
  const last = path.split(/->|\./).at(-1)?.replaceAll(/\[.*$/g, '') ?? path;
  return key.includes(last);
}
