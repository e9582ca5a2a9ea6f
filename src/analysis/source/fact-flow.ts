import type { Expression } from '../../model/source/c-unit.ts';
import { walkExpression } from './calls.ts';
import { armFacts, splitFacts, storedFacts, valueFact, type Fact, type Facts } from './facts.ts';
import { nextOf, throughJoins, type FlowNode, type NodeId } from './flow-graph.ts';
import { bare, pathOf } from './paths.ts';
import { spellFacts, type Variables } from './state.ts';
import { isAbout, isWanted } from './uses.ts';

/** Facts without those that an assignment to `path` makes untrue. */
export function withoutFacts(facts: Facts, path: string): Facts {
  let kept: Map<string, Fact> | undefined;
  for (const key of facts.keys()) {
    if (!isAbout(key, path)) continue;
    kept ??= new Map(facts);
    kept.delete(key);
  }
  return kept ?? facts;
}

/** `x++`: what was 0 or more is more than 0 now. */
export function incremented(facts: Facts, path: string): Facts {
  const known = facts.get(path);
  const after = withoutFacts(facts, path);
  const grows =
    known === 'zero' || known === 'positive' || known === 'nonnegative' || (known !== undefined && /^=\d/.test(known));
  return grows ? new Map(after).set(path, 'positive') : after;
}

function findCounted(value: Expression): readonly string[] {
  const paths: string[] = [];
  walkExpression(value, (part) => {
    const path = part.kind === 'unary' && part.op === '++' ? pathOf(part.of) : undefined;
    if (path !== undefined) paths.push(path);
  });
  return paths;
}

/** Facts that somebody may still ask for at an offset. */
export function wantedFacts(variables: Variables, facts: Facts, at: number): Facts {
  let kept: Map<string, Fact> | undefined;
  for (const key of facts.keys()) {
    if (isWanted(variables, key, at)) continue;
    kept ??= new Map(facts);
    kept.delete(key);
  }
  return kept ?? facts;
}

/** Variables that a step changes other than by `=`: `x++`, `x += 1`, `&x` given away, the head of a loop. */
interface Changes {
  readonly changed: readonly string[];
  readonly counted: readonly string[];
}

const changes = new WeakMap<Expression, Changes>();

function changesOf(value: Expression): Changes {
  let known = changes.get(value);
  if (!known) {
    known = { changed: findChanged(value), counted: findCounted(value) };
    changes.set(value, known);
  }
  return known;
}

export const changedBy = (value: Expression): readonly string[] => changesOf(value).changed;

/** Variables that `++` counts up. */
export const countedBy = (value: Expression): readonly string[] => changesOf(value).counted;

function findChanged(value: Expression): readonly string[] {
  const paths: string[] = [];
  walkExpression(value, (part) => {
    const target = part.kind === 'assign' ? part.left : part.kind === 'unary' && part.op === '--' ? part.of : undefined;
    const path = target && pathOf(target);
    if (path !== undefined) paths.push(path);
    if (part.kind === 'call') paths.push(...part.args.flatMap(givenAway));
  });
  return paths;
}

function givenAway(arg: Expression): readonly string[] {
  const inner = bare(arg);
  const path = inner.kind === 'unary' && inner.op === '&' ? pathOf(inner.of) : undefined;
  return path !== undefined && /^[\w$]+$/.test(path) ? [path] : [];
}

/** Steps from which one of some is reached: 1. Behind the last of them nothing is asked for. */
function leadingTo(nodes: readonly FlowNode[], targets: ReadonlySet<NodeId>): Uint8Array {
  const before: NodeId[][] = nodes.map(() => []);
  for (const [id, node] of nodes.entries()) for (const to of nextOf(node)) before[to]?.push(id);
  const useful = new Uint8Array(nodes.length);
  const open = [...targets];
  for (const id of targets) useful[id] = 1;
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const from of before[id] ?? []) {
      if (useful[from] === 1) continue;
      useful[from] = 1;
      open.push(from);
    }
  }
  return useful;
}

const MOST_STEPS = 1500;
const MOST_SETS = 6;

/**
 * What is known on arriving at some steps, a set of facts for each way to get there, as far as it matters behind them. A
 * step that is not reached within bounds is arrived at with no facts.
 */
export function factsBefore(variables: Variables, targets: ReadonlySet<NodeId>): ReadonlyMap<NodeId, readonly Facts[]> {
  const { nodes, entry } = variables.graph;
  const found = new Map<NodeId, Facts[]>();
  const seen = new Set<string>();
  const useful = leadingTo(nodes, targets);
  const queue: (readonly [NodeId, Facts])[] = [[entry, new Map()]];
  for (let i = 0; i < queue.length && i < MOST_STEPS; i++) {
    const [id, facts] = queue[i] ?? [0, new Map<string, Fact>()];
    const node = nodes[id];
    if (!node) continue;
    if (targets.has(id)) note(found, id, facts);
    for (const [to, after] of leave(node, facts)) {
      const target = throughJoins(nodes, to);
      const next = nodes[target];
      if (useful[target] !== 1) continue;
      // Where only one way leads there is nothing to compare with.
      if (variables.graph.arrivals[target] === 1 && node.kind !== 'branch') {
        queue.push([target, after]);
        continue;
      }
      const kept = next && 'at' in next ? wantedFacts(variables, after, next.at) : after;
      const key = `${target}|${spellFacts(kept)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push([target, kept]);
    }
  }
  return new Map([...targets].map((id) => [id, found.get(id) ?? [new Map()]]));
}

function note(found: Map<NodeId, Facts[]>, id: NodeId, facts: Facts): void {
  const sets = found.get(id) ?? [];
  if (sets.length < MOST_SETS) found.set(id, [...sets, facts]);
}

function leave(node: FlowNode, facts: Facts): readonly (readonly [NodeId, Facts])[] {
  if (node.kind === 'join') return [[node.next, facts]];
  if (node.kind === 'set') return [[node.next, assigned(node, facts)]];
  if (node.kind === 'run') return [[node.next, after(node.value, facts)]];
  if (node.kind === 'declare') return [[node.next, withoutFacts(facts, node.name)]];
  if (node.kind === 'branch') {
    const [yes, no] = splitFacts(node.test, after(node.test, facts));
    return [...(yes ? [[node.yes, yes] as const] : []), ...(no ? [[node.no, no] as const] : [])];
  }
  if (node.kind === 'fork') return node.ways.flatMap(({ to, fact }) => forked(to, fact, facts));
  if (node.kind === 'switch') {
    return node.arms.flatMap(({ value, to }) => {
      const held = armFacts(node.value, value, facts, node.arms);
      return held ? [[to, held] as const] : [];
    });
  }
  if (node.kind === 'iterate') {
    const rest = node.args.flatMap((arg) => (arg.kind === 'name' ? [arg.name] : [])).reduce(withoutFacts, facts);
    return [
      [node.body, rest],
      [node.done, rest],
    ];
  }
  return [];
}

/** What an expression changes beside its value. */
const after = (value: Expression, facts: Facts): Facts =>
  countedBy(value).reduce(incremented, changedBy(value).reduce(withoutFacts, facts));

function assigned({ left, right }: Extract<FlowNode, { kind: 'set' }>, facts: Facts): Facts {
  const path = pathOf(left);
  const before = after(left, after(right, facts));
  if (path === undefined) return before;
  const fact = valueFact(right, before);
  const rest = withoutFacts(before, path);
  return fact === undefined ? rest : storedFacts(rest, path, fact, right);
}

function forked(
  to: NodeId,
  fact: readonly [string, boolean] | undefined,
  facts: Facts,
): readonly (readonly [NodeId, Facts])[] {
  if (!fact) return [[to, facts]];
  const wanted = fact[1] ? 'positive' : 'zero';
  const known = facts.get(`?${fact[0]}`);
  if (known !== undefined && known !== wanted) return [];
  return [[to, new Map(facts).set(`?${fact[0]}`, wanted)]];
}
