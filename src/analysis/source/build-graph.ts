import type { CallExpression, CFunction, Declaration, Expression, Loop, Statement } from '../../model/source/c-unit.ts';
import { factOf } from './configured.ts';
import { nextOf, throughJoins, type FlowGraph, type FlowNode, type LocalForm, type NodeId } from './flow-graph.ts';
import { calleeName } from './paths.ts';

/** More steps are no function that a person wrote. */
const MOST_NODES = 60_000;

/** The steps of a function; undefined where there are too many. */
export function buildGraph(body: CFunction, end: number): FlowGraph | undefined {
  const builder = new Builder();
  const last = builder.add({ kind: 'return', at: end });
  const entry = builder.block(body.body, last);
  if (builder.nodes.length > MOST_NODES) return undefined;
  const { nodes, loops, locals } = builder;
  return { nodes, entry, arrivals: countArrivals(nodes), loops, locals };
}

/** Up to 255; more are as many. */
function countArrivals(nodes: readonly FlowNode[]): Uint8Array {
  const arrivals = new Uint8Array(nodes.length);
  for (const node of nodes) {
    if (node.kind === 'join') continue;
    for (const next of nextOf(node)) {
      const to = throughJoins(nodes, next);
      arrivals[to] = Math.min(255, (arrivals[to] ?? 0) + 1);
    }
  }
  return arrivals;
}

interface Join {
  readonly id: NodeId;
  readonly node: Extract<FlowNode, { kind: 'join' }>;
}

interface Scope {
  readonly leave: NodeId | undefined;
  readonly again: NodeId | undefined;
  /** Of the switch that is being built. */
  readonly cases: { readonly value?: Expression; readonly to: NodeId }[] | undefined;
}

/** Builds from the end to the beginning: each step is made when the one behind it is known. */
class Builder {
  readonly nodes: FlowNode[] = [];
  readonly loops: (readonly [number, number])[] = [];
  readonly locals = new Map<string, LocalForm>();
  readonly #labels = new Map<string, Join & { at: number | undefined }>();
  #scope: Scope = { leave: undefined, again: undefined, cases: undefined };
  #latest = 0;

  add(node: FlowNode): NodeId {
    if ('at' in node) this.#latest = Math.max(this.#latest, node.at);
    return this.nodes.push(node) - 1;
  }

  block(statements: readonly Statement[], next: NodeId): NodeId {
    let to = next;
    for (let i = statements.length - 1; i >= 0 && this.nodes.length <= MOST_NODES; i--) {
      const statement = statements[i];
      if (statement) to = this.#statement(statement, to);
    }
    return to;
  }

  #statement(statement: Statement, next: NodeId): NodeId {
    switch (statement.kind) {
      case 'expression':
        return this.#run(statement.value, statement.at, next);
      case 'declare':
        return this.#declare(statement, next);
      case 'if':
        return this.#test(
          statement.test,
          statement.at,
          this.block(statement.yes, next),
          this.block(statement.no, next),
        );
      case 'loop':
        return this.#loop(statement, next);
      case 'switch':
        return this.#switch(statement, next);
      case 'block':
        return this.block(statement.body, next);
      case 'either':
        return this.#either(statement, next);
      case 'return':
        return this.#return(statement.value, statement.at);
      default:
        return this.#jump(statement, next);
    }
  }

  #jump(statement: Statement, next: NodeId): NodeId {
    switch (statement.kind) {
      case 'label': {
        const label = this.#label(statement.name);
        label.node.next = next;
        label.at = statement.at;
        return label.id;
      }
      case 'goto': {
        const label = this.#label(statement.name);
        // Built backwards: a label that is not known yet stands before the goto.
        if (label.at === undefined) this.loops.push([0, statement.at]);
        return label.id;
      }
      case 'break':
        return this.#scope.leave ?? next;
      case 'continue':
        return this.#scope.again ?? next;
      case 'case': {
        const value = statement.value ? { value: statement.value } : {};
        this.#scope.cases?.unshift({ ...value, to: next });
        return next;
      }
      default:
        return next;
    }
  }

  #label(name: string): Join & { at: number | undefined } {
    let label = this.#labels.get(name);
    if (!label) {
      label = { ...this.#join(), at: undefined };
      this.#labels.set(name, label);
    }
    return label;
  }

  /** Leads to itself until it is told where to: a label that does not exist ends nowhere. */
  #join(): Join {
    const node: FlowNode = { kind: 'join', next: this.nodes.length };
    return { id: this.add(node), node };
  }

  #declare({ name, type, form, pointer, value, at }: Declaration, next: NodeId): NodeId {
    const kind: LocalForm =
      form === 'static' || form === 'cleanup'
        ? form
        : form === 'array' || (!pointer && /\b(?:struct|union)\b|_t$/.test(type) && /\b(?:struct|union)\b/.test(type))
          ? 'struct'
          : pointer
            ? 'pointer'
            : /\bbool\b/.test(type)
              ? 'bool'
              : 'plain';
    this.locals.set(name, kind);
    if (value === undefined) return this.add({ kind: 'declare', name, at, next });
    if (kind === 'static') return next;
    return this.#set({ kind: 'name', name }, value, at, next);
  }

  #return(value: Expression | undefined, at: number): NodeId {
    if (value === undefined) return this.add({ kind: 'return', at });
    if (value.kind === 'choice') {
      const no = this.#return(value.no, at);
      return this.#test(value.test, at, this.#return(value.yes ?? value.test, at), no);
    }
    if (value.kind === 'comma') {
      const last = value.parts.at(-1);
      let to = this.#return(last, at);
      for (const part of value.parts.slice(0, -1).toReversed()) to = this.#run(part, at, to);
      return to;
    }
    if (value.kind === 'assign' && value.op === '=') {
      return this.#set(value.left, value.right, at, this.add({ kind: 'return', value: value.left, at }));
    }
    return this.add({ kind: 'return', value, at });
  }

  #run(value: Expression, at: number, next: NodeId): NodeId {
    const assigned = assignedBy(value);
    if (assigned) return this.#set(assigned[0], assigned[1], at, next);
    switch (value.kind) {
      case 'assign':
        if (value.op === '=') return this.#set(value.left, value.right, at, next);
        return this.add({ kind: 'run', value, at, next });
      case 'comma': {
        let to = next;
        for (const part of value.parts.toReversed()) to = this.#run(part, at, to);
        return to;
      }
      case 'choice':
        return this.#test(
          value.test,
          at,
          value.yes ? this.#run(value.yes, at, next) : next,
          this.#run(value.no, at, next),
        );
      case 'binary':
        if (value.op === '&&') return this.#test(value.left, at, this.#run(value.right, at, next), next);
        if (value.op === '||') return this.#test(value.left, at, next, this.#run(value.right, at, next));
        return this.add({ kind: 'run', value, at, next });
      case 'cast':
        return this.#run(value.of, at, next);
      case 'block':
        return this.block(value.body, next);
      case 'literal':
      case 'name':
        return next;
      case 'call':
        return this.#call(value, at, next);
      default:
        return this.add({ kind: 'run', value, at, next });
    }
  }

  /** `kmap(*p = page)`: what is set in an argument is set before the call. */
  #call(call: CallExpression, at: number, next: NodeId): NodeId {
    const assigned = call.args.filter((arg) => arg.kind === 'assign' && arg.op === '=');
    if (assigned.length === 0) return this.add({ kind: 'run', value: call, at, next });
    const args = call.args.map((arg) => (arg.kind === 'assign' && arg.op === '=' ? arg.left : arg));
    let to = this.add({ kind: 'run', value: { ...call, args }, at, next });
    for (const arg of assigned.toReversed()) to = this.#run(arg, at, to);
    return to;
  }

  #set(left: Expression, right: Expression, at: number, next: NodeId): NodeId {
    const value = right.kind === 'cast' && hasChoice(right) ? right.of : right;
    switch (value.kind) {
      case 'choice': {
        const no = this.#set(left, value.no, at, next);
        return this.#test(value.test, at, this.#set(left, value.yes ?? value.test, at, next), no);
      }
      case 'assign':
        if (value.op !== '=') break;
        return this.#set(value.left, value.right, at, this.add({ kind: 'set', left, right: value.left, at, next }));
      case 'comma': {
        const last = value.parts.at(-1);
        if (!last) break;
        let to = this.#set(left, last, at, next);
        for (const part of value.parts.slice(0, -1).toReversed()) to = this.#run(part, at, to);
        return to;
      }
      case 'block': {
        const last = value.body.at(-1);
        if (last?.kind !== 'expression') break;
        return this.block(value.body.slice(0, -1), this.#set(left, last.value, at, next));
      }
      default:
        break;
    }
    return this.add({ kind: 'set', left, right, at, next });
  }

  /** Takes a condition apart until each branch tests one thing. */
  #test(test: Expression, at: number, yes: NodeId, no: NodeId): NodeId {
    switch (test.kind) {
      case 'unary':
        if (test.op === '!') return this.#test(test.of, at, no, yes);
        break;
      case 'cast':
        return this.#test(test.of, at, yes, no);
      case 'binary':
        return this.#testBinary(test, at, yes, no);
      case 'call': {
        const [first] = test.args;
        if (first && TRANSPARENT.test(calleeName(test.callee))) return this.#test(first, at, yes, no);
        break;
      }
      case 'assign':
        if (test.op === '=') return this.#set(test.left, test.right, at, this.#test(test.left, at, yes, no));
        break;
      case 'comma': {
        const last = test.parts.at(-1);
        if (!last) break;
        let to = this.#test(last, at, yes, no);
        for (const part of test.parts.slice(0, -1).toReversed()) to = this.#run(part, at, to);
        return to;
      }
      case 'choice':
        return this.#test(
          test.test,
          at,
          this.#test(test.yes ?? test.test, at, yes, no),
          this.#test(test.no, at, yes, no),
        );
      case 'block': {
        const last = test.body.at(-1);
        if (last?.kind !== 'expression') break;
        return this.block(test.body.slice(0, -1), this.#test(last.value, at, yes, no));
      }
      default:
        break;
    }
    return this.add({ kind: 'branch', test, at, yes, no });
  }

  #testBinary(test: Extract<Expression, { kind: 'binary' }>, at: number, yes: NodeId, no: NodeId): NodeId {
    const { op, left, right } = test;
    if (op === '&&') return this.#test(left, at, this.#test(right, at, yes, no), no);
    if (op === '||') return this.#test(left, at, yes, this.#test(right, at, yes, no));
    if (left.kind === 'assign' && left.op === '=') {
      const rest = this.add({ kind: 'branch', test: { ...test, left: left.left }, at, yes, no });
      return this.#set(left.left, left.right, at, rest);
    }
    return this.add({ kind: 'branch', test, at, yes, no });
  }

  #loop(loop: Loop, next: NodeId): NodeId {
    const before = this.#latest;
    this.#latest = loop.at;
    const head = this.#join();
    const step = loop.step ? this.#run(loop.step, loop.at, head.id) : head.id;
    const tail = loop.form === 'do' ? this.#tail(loop, next) : undefined;
    const outer = this.#scope;
    this.#scope = { leave: next, again: tail ?? step, cases: undefined };
    const body = this.block(loop.body, tail ?? step);
    this.#scope = outer;
    this.loops.push([loop.at, this.#latest]);
    this.#latest = Math.max(before, this.#latest);
    if (tail !== undefined) {
      this.#patchDo(tail, body);
      return body;
    }
    head.node.next = this.#head(loop, body, next);
    return this.block(loop.start, head.id);
  }

  #head(loop: Loop, body: NodeId, next: NodeId): NodeId {
    if (loop.macro)
      return this.add({
        kind: 'iterate',
        macro: loop.macro.name,
        args: loop.macro.args,
        at: loop.at,
        body,
        done: next,
      });
    return loop.test ? this.#endless(loop.test, loop.at, body, next) : body;
  }

  #endless(test: Expression, at: number, body: NodeId, next: NodeId): NodeId {
    if (test.kind === 'literal' && /^(?:1|true)$/.test(test.text)) return body;
    return this.#test(test, at, body, next);
  }

  /** The test of `do … while`, which leads to a body that does not exist yet. */
  #tail(loop: Loop, next: NodeId): NodeId {
    const again = this.#join();
    const { test } = loop;
    const id = test === undefined || isFalse(test) ? next : this.#test(test, loop.at, again.id, next);
    const entry = this.#join();
    entry.node.next = id;
    this.#tails.set(entry.id, again.node);
    return entry.id;
  }
  readonly #tails = new Map<NodeId, Join['node']>();

  #patchDo(tail: NodeId, body: NodeId): void {
    const again = this.#tails.get(tail);
    if (again) again.next = body;
  }

  #switch(statement: Extract<Statement, { kind: 'switch' }>, next: NodeId): NodeId {
    const outer = this.#scope;
    const cases: { readonly value?: Expression; readonly to: NodeId }[] = [];
    this.#scope = { leave: next, again: outer.again, cases };
    this.block(statement.body, next);
    this.#scope = outer;
    const arms = cases.some(({ value }) => value === undefined) ? cases : [...cases, { to: next }];
    return this.add({ kind: 'switch', value: statement.value, at: statement.at, arms });
  }

  #either({ branches, at }: Extract<Statement, { kind: 'either' }>, next: NodeId): NodeId {
    const ways = branches.map(({ condition, body }, i) => {
      const fact = factOf(
        condition ?? (branches.length === 2 && i === 1 ? branches[0]?.condition : undefined),
        condition !== undefined,
      );
      return { to: this.block(body, next), ...(fact ? { fact } : {}) };
    });
    // Alone, it is taken to be configured: what is only there with it belongs together.
    const [only] = ways;
    if (only && ways.length === 1) return only.to;
    return this.add({ kind: 'fork', at, ways });
  }
}

/** Macros that are assignments. */
function assignedBy(value: Expression): readonly [left: Expression, right: Expression] | undefined {
  if (value.kind !== 'call') return undefined;
  const [left, right] = value.args;
  const name = calleeName(value.callee);
  if (!left || !right) return undefined;
  if (/^(?:rcu_assign_pointer|WRITE_ONCE|RCU_INIT_POINTER)$/.test(name)) return [left, right];
  return name === 'smp_store_release' && left.kind === 'unary' && left.op === '&' ? [left.of, right] : undefined;
}

const TRANSPARENT =
  /^(?:likely|unlikely|WARN_ON\w*|WARN|WARN_ONCE|BUG_ON|READ_ONCE|ACCESS_ONCE|XFS_IS_CORRUPT|unlikely_notrace|__builtin_expect|WARN_RATELIMIT|WARN_TAINT|DBG_BUGON)$/;

const isFalse = (test: Expression): boolean => test.kind === 'literal' && /^(?:0|false)$/.test(test.text);

const hasChoice = (value: Expression): boolean =>
  value.kind === 'cast' ? hasChoice(value.of) : value.kind === 'choice' || value.kind === 'block';
