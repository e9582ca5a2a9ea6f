import type { CallExpression, Expression } from '../../model/source/c-unit.ts';
import { takerOf, type Taker } from './api/catalog.ts';
import { callsOf, type CallMade } from './calls-of.ts';
import { factsBefore, withoutFacts } from './fact-flow.ts';
import type { Facts } from './facts.ts';
import type { FlowNode, NodeId } from './flow-graph.ts';
import { bare, calleeName, pathOf, rootOf } from './paths.ts';
import { extend, freshState, withItem, type State, type Variables } from './state.ts';
import { storeInto } from './store.ts';

/** A place where something is taken, and the paths that begin there. */
export interface Site {
  readonly taker: Taker;
  readonly made: CallMade;
  readonly node: FlowNode;
  /** Who holds it first, as written. */
  readonly holder: string;
  readonly starts: readonly State[];
  /** It is returned as it comes. */
  readonly passedOn: boolean;
  /** What was returned is only tested, or handed to a function that borrows it: nobody can give it back. */
  readonly dropped?: true;
  /** The head of the loop that holds it, and drops it when it goes on. */
  readonly head?: NodeId;
}

/** Every place of a function where something is taken. */
export function findSites(
  variables: Variables,
  takes: (name: string, call: CallExpression) => Taker | undefined,
): readonly Site[] {
  const found: { id: NodeId; node: FlowNode; made: CallMade; taker: Taker }[] = [];
  for (const [id, node] of variables.graph.nodes.entries()) {
    for (const made of callsOf(node)) {
      // A method is no function of that name.
      const taker = bare(made.call.callee).kind === 'name' ? takes(made.name, made.call) : undefined;
      if (taker) found.push({ id, node, made, taker });
    }
  }
  if (found.length === 0) return [];
  const facts = factsBefore(variables, new Set(found.map(({ id }) => id)));
  return found.flatMap(({ id, node, made, taker }) =>
    siteAt(variables, facts.get(id) ?? [], { id, node, made, taker }),
  );
}

interface Found {
  readonly id: NodeId;
  readonly node: FlowNode;
  readonly made: CallMade;
  readonly taker: Taker;
}

function siteAt(variables: Variables, facts: readonly Facts[], found: Found): readonly Site[] {
  const { node, made, taker } = found;
  if (taker.form === 'returns' && node.kind === 'return' && node.value && bare(node.value) === made.call) {
    return [{ taker, made, node, holder: '', starts: [], passedOn: true }];
  }
  if (isDropped(found)) return [{ taker, made, node, holder: '', starts: [], passedOn: false, dropped: true }];
  const target = targetOf(found);
  if (target === undefined) return [];
  const starts = facts.flatMap((known) => startsAt(variables, known, found, target));
  return starts.length === 0 ? [] : [{ taker, made, node, holder: target.text, starts, passedOn: false }];
}

/** `if (of_get_child_by_name(np, "x"))`, `debugfs_remove(debugfs_lookup(name))`. */
function isDropped({ node, made, taker }: Found): boolean {
  if (taker.form !== 'returns' || taker.family.kind === 'number' || taker.family.kind === 'mapping') return false;
  if (node.kind === 'branch') return isTested(bare(node.test), made.call);
  if (node.kind !== 'run') return false;
  const value = bare(node.value);
  if (value.kind !== 'call') return false;
  return (
    /^(?:debugfs_remove\w*|of_device_is_available|of_device_is_compatible|kfree_const)$/.test(
      calleeName(value.callee),
    ) && value.args.some((arg) => bare(arg) === made.call)
  );
}

function isTested(test: Expression, call: Expression): boolean {
  if (test === call) return true;
  return test.kind === 'binary' && /^[=!]=$/.test(test.op) && bare(test.left) === call && test.right.kind === 'literal';
}

interface Target {
  /** What is stored to, for what is returned or given through a pointer. */
  readonly left?: Expression;
  /** For a count on an argument: its path. */
  readonly path?: string;
  readonly text: string;
}

function targetOf({ node, made, taker }: Found): Target | undefined {
  const left = node.kind === 'set' && bare(node.right) === made.call ? node.left : undefined;
  const arg = made.call.args[taker.index];
  if (taker.form === 'argument') {
    const path = arg && pathOf(bare(arg));
    if (path === undefined) return undefined;
    return { path, text: path, ...(left && taker.failing !== true ? { left } : {}) };
  }
  if (taker.form === 'setup') {
    const path = arg && pathOf(bare(arg));
    return path === undefined ? undefined : { text: path };
  }
  if (taker.form === 'member') return memberTarget(arg, taker);
  if (taker.form === 'out') {
    const inner = arg && bare(arg);
    if (inner?.kind !== 'unary' || inner.op !== '&') return undefined;
    const path = pathOf(inner.of);
    if (path === undefined) return undefined;
    return taker.family.id === 'path' ? { path: `&${path}`, text: path } : { left: inner.of, text: path };
  }
  const path = left && pathOf(left);
  return left && path !== undefined ? { left, text: path } : undefined;
}

/** `alloc_bd(desc)` leaves it in `desc->bd`, `init(&host->list)` in `host->list.channels`. */
function memberTarget(arg: Expression | undefined, { suffix = [] }: Taker): Target | undefined {
  if (!arg) return undefined;
  const inner = bare(arg);
  const isAddress = inner.kind === 'unary' && inner.op === '&';
  let left: Expression = isAddress ? inner.of : inner;
  for (const [i, { arrow, name }] of suffix.entries()) {
    left = { kind: 'field', base: left, name, arrow: i === 0 && isAddress ? false : arrow };
  }
  const path = pathOf(left);
  return path === undefined ? undefined : { left, text: path };
}

/** What has no pointer: no path is called so. */
const NAMELESS = '@';

function startsAt(variables: Variables, facts: Facts, found: Found, target: Target): readonly State[] {
  const { made, taker, id } = found;
  const { at } = made.call;
  const base: State = {
    ...freshState(
      id,
      taker.form === 'setup'
        ? [NAMELESS]
        : target.path === undefined
          ? []
          : [target.path, ...copiesOf(variables, target.path)],
      target.path === undefined ? facts : withoutFacts(facts, target.path),
    ),
    inside: handleOf(variables, found),
    owed: owedAt(variables, found, target),
    trail: extend(undefined, at, `${made.name}() takes it`),
  };
  let state = base;
  const path = target.left && pathOf(target.left);
  if (target.left && path !== undefined) {
    // `if (!queue) queue = alloc()`: a variable that the next one who comes uses too.
    if (/^\w+$/.test(path) && facts.get(path) === 'zero' && formIsOutside(variables, path)) return [];
    const stored = storeInto({ ...base, facts: withoutFacts(base.facts, path) }, variables, target.left, 'is', at);
    if (stored === 'kept') return [];
    state = { ...stored, facts: zeroedFacts(variables, stored.facts, path, made.name) };
    if (taker.form === 'member')
      state = { ...state, holders: otherNames(variables, path).reduce(withItem, state.holders) };
  }
  // A path in the frame is nobody else's, however it is called.
  if (taker.form === 'out' && target.path !== undefined && formIsOutside(variables, target.path)) {
    state = { ...state, doubts: [`s${at}`] };
  }
  return leave(state, found);
}

/** Members of what comes zeroed, as far as they are asked for. */
function zeroedFacts({ lastUse }: Variables, facts: Facts, path: string, name: string): Facts {
  if (!/zalloc|k?vcalloc|kcalloc/.test(name) || !/^\w+$/.test(path)) return facts;
  const asked = [...lastUse.keys()].filter((key) => isMemberAsked(key, path));
  return asked.length === 0 ? facts : new Map([...facts, ...asked.map((key) => [key, 'zero'] as const)]);
}

/** `p->flags`, `?p->flags & X`. */
function isMemberAsked(key: string, path: string): boolean {
  const plain = key.startsWith('?') ? key.slice(1) : key;
  if (!plain.startsWith(`${path}->`)) return false;
  return /^(?:->|\.)\w+(?:\.\w+)*$/.test(
    key.startsWith('?') ? (/^(.*?) & \w+$/.exec(plain)?.[1] ?? '').slice(path.length) : plain.slice(path.length),
  );
}

/** `file = fget(fd); get_file(file)` are two counts on one file: one put leaves one. */
function owedAt({ graph }: Variables, { made, taker }: Found, { path }: Target): number {
  if (taker.form !== 'argument' || path === undefined) return 0;
  return graph.nodes.filter((node) => {
    if (node.kind !== 'set' || node.at >= made.call.at || pathOf(node.left) !== path) return false;
    const value = bare(node.right);
    if (value.kind !== 'call') return false;
    const other = takerOf(calleeName(value.callee));
    return other?.form === 'returns' && other.family.id === taker.family.id;
  }).length;
}

/** `p = file->f_path`: a put on the copy is as good. */
function copiesOf({ graph }: Variables, path: string): readonly string[] {
  if (!path.startsWith('&')) return [];
  return graph.nodes.flatMap((node) => {
    if (node.kind !== 'set' || pathOf(node.right) !== path.slice(1)) return [];
    const copy = pathOf(node.left);
    return copy !== undefined && graph.locals.get(copy) === 'struct' ? [`&${copy}`] : [];
  });
}

/** With `tc = &nic->tc_info`, `tc->map` is `nic->tc_info.map`, and the other way round. */
export function otherNames({ graph }: Variables, path: string): readonly string[] {
  if (!/->|\./.test(path)) return [];
  return graph.nodes.flatMap((node) => {
    if (node.kind !== 'set' || node.left.kind !== 'name' || !graph.locals.has(node.left.name)) return [];
    const whole = pathOf(node.right);
    if (whole === undefined || !/^&?[\w$]+(?:->|\.)[\w$]/.test(whole)) return [];
    const [short, long] = [`${node.left.name}->`, whole.startsWith('&') ? `${whole.slice(1)}.` : `${whole}->`];
    if (path.startsWith(short)) return [long + path.slice(short.length)];
    return path.startsWith(long) ? [short + path.slice(long.length)] : [];
  });
}

/** The bus address that is given out with DMA memory: who keeps that can give it back. */
function handleOf({ graph }: Variables, { made, taker }: Found): readonly string[] {
  const { id } = taker.family;
  const index = id === 'usb_coherent' ? 3 : id === 'dma_coherent' || id === 'dma_pool' ? 2 : undefined;
  const arg = index === undefined ? undefined : made.call.args[index];
  const path = arg?.kind === 'unary' && arg.op === '&' ? pathOf(arg.of) : undefined;
  return path !== undefined && graph.locals.has(path) ? [path] : [];
}

const formIsOutside = ({ graph }: Variables, path: string): boolean => !graph.locals.has(rootOf(path));

/** Only where the call failed. */
function whereFailed(state: State, node: FlowNode, { result }: CallMade): readonly State[] {
  if (node.kind === 'branch') {
    const test = bare(node.test);
    const isEqual = test.kind === 'binary' && /^(?:==|>=)$/.test(test.op);
    return result === 'test' ? [{ ...state, node: isEqual ? node.no : node.yes }] : [];
  }
  if (node.kind !== 'set' || result === undefined || !/^[\w$]+$/.test(result)) return [];
  const facts = withoutFacts(state.facts, result);
  return [{ ...state, node: node.next, guard: { path: result, zeroFails: true }, facts }];
}

/** Where it goes on: behind the step, on the side where the call did not fail. */
function leave(state: State, { node, made, taker }: Found): readonly State[] {
  if (taker.failing === true) return whereFailed(state, node, made);
  const judged = taker.form === 'setup' || taker.form === 'out' || taker.form === 'member' || taker.zeroFails;
  if (node.kind === 'branch') {
    if (!judged || made.result !== 'test')
      return judged
        ? []
        : [
            { ...state, node: node.yes },
            { ...state, node: node.no },
          ];
    const success = taker.zeroFails ? node.yes : node.no;
    const test = bare(node.test);
    if (test.kind !== 'binary') return [{ ...state, node: success }];
    if (/^(?:<|!=)$/.test(test.op)) return [{ ...state, node: node.no }];
    return /^(?:==|>=)$/.test(test.op) ? [{ ...state, node: node.yes }] : [];
  }
  if (!('next' in node)) return [];
  const next = { ...state, node: node.next };
  if (!judged) return [next];
  if (made.result === undefined || !/^[\w$]/.test(made.result)) return taker.zeroFails ? [] : [next];
  return [
    { ...next, guard: { path: made.result, zeroFails: taker.zeroFails }, facts: withoutFacts(next.facts, made.result) },
  ];
}
