import type { Expression } from '../../model/source/c-unit.ts';
import { giverOf, isTaker } from './api/catalog.ts';
import { asks, consumes, isLent, looksFreeing, looksKeeping, storesOf } from './api/effects.ts';
import { textKey } from './facts.ts';
import type { FlowGraph, FlowNode } from './flow-graph.ts';
import { callsOf, type CallMade } from './calls-of.ts';
import { bare, calleeName, lastOf, pathOf, rootName, rootOf } from './paths.ts';
import type { Variables } from './state.ts';

/** What can be said of the variables of a function without following its paths. */
export function readVariables(
  graph: FlowGraph,
  parameters: readonly string[],
  takes: (name: string) => boolean,
): Variables {
  const owned = ownedIn(graph, takes);
  const lastUse = lastUses(graph);
  const escapes = once(() => escapesOf(graph, owned));
  const within = once(() => withinOf(graph, owned));
  const parts = once(() => partsOf(graph, owned));
  const bodies = once(() => bodiesOf(graph));
  const clearing = once(() => clearingLoops(graph));
  return {
    graph,
    parameters: new Set(parameters),
    owned,
    lastUse,
    get escapes() {
      return escapes();
    },
    get within() {
      return within();
    },
    get parts() {
      return parts();
    },
    get bodies() {
      return bodies();
    },
    get clearing() {
      return clearing();
    },
  };
}

/** Worked out when first asked for: of most functions nobody asks. */
function once<T>(work: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: work() }).value;
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

/** Where a local that was allocated here is stored for others to find. */
function escapesOf(graph: FlowGraph, owned: ReadonlySet<string>): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  if (owned.size === 0) return first;
  const note = (expression: Expression, at: number): void => {
    const root = rootName(expression);
    if (root !== undefined && owned.has(root)) first.set(root, Math.min(first.get(root) ?? Infinity, at));
  };
  for (const node of graph.nodes) {
    if (node.kind === 'set' && isElsewhere(graph, node.left, owned) && isPointer(node.right)) note(node.right, node.at);
    for (const made of callsOf(node)) for (const arg of keptBy(made, owned)) note(arg, made.call.at);
  }
  spread(graph, owned, first);
  return first;
}

/** Arguments that a call stores in something else, or may. */
function keptBy({ call, name }: CallMade, owned: ReadonlySet<string>): readonly Expression[] {
  const stores = storesOf(name);
  if (stores.length > 0)
    return stores.flatMap(([from, into]) => {
      const arg = call.args[from];
      return arg && !owned.has(rootName(call.args[into] ?? call) ?? '') ? [arg] : [];
    });
  const mayKeep = consumes(name) || (looksKeeping(name) && !isLent(name) && !asks(name) && !isTaker(name));
  return mayKeep ? call.args.filter(isPointer) : [];
}

/** What is stored in something that others know is theirs too. */
function spread(graph: FlowGraph, owned: ReadonlySet<string>, first: Map<string, number>): void {
  for (let round = 0; round < 2; round++) {
    for (const node of graph.nodes) {
      if (node.kind !== 'set' || node.left.kind === 'name' || !isPointer(node.right)) continue;
      const [into, from] = [rootName(node.left), rootName(node.right)];
      const known = into === undefined ? undefined : first.get(into);
      if (known === undefined || from === undefined || !owned.has(from)) continue;
      first.set(from, Math.min(first.get(from) ?? Infinity, Math.max(known, node.at)));
    }
  }
}

/** `p`, `&p->member`; not what p leads to. */
function isPointer(expression: Expression): boolean {
  const inner = bare(expression);
  return inner.kind === 'name' || (inner.kind === 'unary' && inner.op === '&');
}

/** What was allocated here and is stored in something else that was. */
function withinOf(graph: FlowGraph, owned: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const within = new Map<string, string[]>();
  for (const node of graph.nodes) {
    if (node.kind !== 'set') continue;
    const [from, into] = [bare(node.right), rootName(node.left)];
    if (from.kind !== 'name' || into === undefined || into === from.name || !owned.has(from.name)) continue;
    // `kill = sysnames`: another name of the same.
    if (node.left.kind === 'name' && graph.locals.get(into) === 'pointer')
      within.set(from.name, [...(within.get(from.name) ?? []), into]);
    else if (node.left.kind !== 'name' && owned.has(into))
      within.set(from.name, [...(within.get(from.name) ?? []), into]);
  }
  return within;
}

/** What points into something that was allocated here, and that. */
function partsOf(graph: FlowGraph, owned: ReadonlySet<string>): ReadonlyMap<string, string> {
  return new Map(graph.nodes.flatMap((node) => (node.kind === 'set' ? (ofPrivate(node, owned) ?? []) : [])));
}

/** `priv = netdev_priv(dev)`: priv goes with dev. */
function ofPrivate(
  { left, right }: Extract<FlowNode, { kind: 'set' }>,
  owned: ReadonlySet<string>,
): readonly (readonly [string, string])[] | undefined {
  const value = bare(right);
  const from = value.kind === 'call' && value.args[0] ? pathOf(value.args[0]) : undefined;
  return left.kind === 'name' && from !== undefined && owned.has(left.name) && owned.has(from)
    ? [[left.name, from]]
    : undefined;
}

/** Neither a local, nor in what was allocated here. */
function isElsewhere(graph: FlowGraph, left: Expression, owned: ReadonlySet<string>): boolean {
  const path = pathOf(left);
  if (path === undefined) return true;
  const root = rootOf(path);
  if (owned.has(root) || graph.locals.get(root) === 'struct') return false;
  return path !== root || !graph.locals.has(root);
}

/** Variables that loops store or give away. */
function bodiesOf(graph: FlowGraph): ReadonlyMap<number, ReadonlySet<string>> {
  const used = graph.nodes.flatMap((node) => {
    if (!('at' in node)) return [];
    const values = [...(node.kind === 'set' ? [node.right] : []), ...callsOf(node).flatMap(({ call }) => call.args)];
    return values.flatMap((value) => {
      const root = rootName(value);
      return root === undefined ? [] : [[node.at, root] as const];
    });
  });
  return new Map(
    graph.loops
      .filter(([from]) => from > 0)
      .map(([from, to]) => [from, new Set(used.filter(([at]) => at > from && at <= to).map(([, root]) => root))]),
  );
}

/** Loops with a call in them that frees an element, a member, a variable. */
function clearingLoops(graph: FlowGraph): Variables['clearing'] {
  const freed = graph.nodes.flatMap((node) =>
    callsOf(node).flatMap(({ call, name }) => {
      const giver = giverOf(name);
      const arg = giver
        ? call.args[giver.index]
        : looksFreeing(name)
          ? call.args.find((a) => pathOf(a)?.includes('[') === true)
          : undefined;
      const path = arg && pathOf(bare(arg));
      return path === undefined ? [] : [[call.at, path] as const];
    }),
  );
  return graph.loops.flatMap(([from, to]) => {
    const paths = freed.filter(([at]) => at > from && at <= to).map(([, path]) => path);
    return from > 0 && paths.length > 0 ? [[from, paths] as const] : [];
  });
}

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

/** What a step asks facts about. */
function asked(node: FlowNode): readonly string[] {
  if (node.kind === 'branch') {
    const text = textKey(node.test);
    return [...(text === undefined ? [] : [text]), ...topPaths(node.test)];
  }
  if (node.kind === 'switch') return topPaths(node.value);
  if (node.kind === 'return') return node.value ? topPaths(node.value) : [];
  if (node.kind === 'set') return topPaths(node.right);
  return node.kind === 'fork' ? node.ways.flatMap(({ fact }) => (fact ? [`?${fact[0]}`] : [])) : [];
}

/** The paths whose facts decide about an expression: itself, what it is compared with, what IS_ERR() is asked about. */
function topPaths(expression: Expression): readonly string[] {
  const inner = bare(expression);
  const path = pathOf(inner);
  if (path !== undefined && inner.kind !== 'call') return [path];
  const parts =
    inner.kind === 'binary' ? [inner.left, inner.right] : inner.kind === 'call' ? inner.args.slice(0, 1) : [];
  return parts.flatMap((part) => {
    const of = pathOf(bare(part));
    return of === undefined ? (bare(part).kind === 'call' ? topPaths(part) : []) : [of];
  });
}

/** Facts that somebody may still ask for behind an offset. */
export function isWanted({ lastUse }: Variables, key: string, at: number): boolean {
  const plain = key.startsWith('!') ? key.slice(1).replace(/=.*$/, '') : key;
  return (lastUse.get(plain) ?? -1) >= at;
}

/** Whether a fact is about something that an assignment to `path` changes. */
export function isAbout(key: string, path: string): boolean {
  if (key.startsWith('?')) return hasWord(key, rootOf(path)) && hasWord(key, lastOf(path));
  const plain = key.startsWith('!') ? key.slice(1) : withoutMarks(key);
  return plain.startsWith(path) && (plain.length === path.length || '-.[='.includes(plain[path.length] ?? ' '));
}

/** `*p` and `&p->x` change with p. */
const withoutMarks = (key: string): string => (/^[&*]/.test(key) ? key.replace(/^[&*]+/, '') : key);

/** Whether a text has a name in it, not as a part of a longer one. */
function hasWord(text: string, name: string): boolean {
  for (let i = text.indexOf(name); i >= 0; i = text.indexOf(name, i + 1)) {
    if (!isWordAt(text, i - 1) && !isWordAt(text, i + name.length)) return true;
  }
  return false;
}

function isWordAt(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 36;
}
