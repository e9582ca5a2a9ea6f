import type { Expression } from '../../model/source/c-unit.ts';
import { pointsInto } from './api/effects.ts';
import { bare, calleeName, isWithin, pathOf } from './paths.ts';
import type { State } from './state.ts';

/**
 * What a value has to do with the resource: it is its address, points into it, is the address of the variable that holds it,
 * or leads to it (`p` to what `p->buffer` holds).
 */
export type Relation = 'is' | 'inside' | 'address' | 'holds' | 'none';

type Held = Pick<State, 'holders' | 'inside' | 'containers'>;

export function relate(expression: Expression, held: Held): Relation {
  const inner = bare(expression);
  switch (inner.kind) {
    case 'field':
      return relateField(inner, held);
    case 'name':
    case 'index':
      return relatePath(pathOf(inner), held);
    case 'unary':
      return relateUnary(inner, held);
    case 'binary':
      return relateSum(inner, held);
    case 'call':
      return relateCall(inner, held);
    case 'choice':
      return strongest([inner.yes ?? inner.test, inner.no], held);
    case 'assign':
      return relate(inner.right, held);
    case 'comma': {
      const last = inner.parts.at(-1);
      return last ? relate(last, held) : 'none';
    }
    case 'parts':
      return strongest(inner.parts, held);
    case 'literal':
    case 'cast':
    case 'block':
      return 'none';
  }
}

const ORDER: readonly Relation[] = ['none', 'holds', 'address', 'inside', 'is'];

function strongest(parts: readonly Expression[], held: Held): Relation {
  return parts
    .map((part) => relate(part, held))
    .reduce<Relation>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'none');
}

/** Members that are often arrays in the object itself. */
const EMBEDDED = /^(?:data|buf|buffer|payload|body|priv|private|cb|head|base|addr|mem|space|name)$/;

function relateField(field: Extract<Expression, { kind: 'field' }>, held: Held): Relation {
  const found = relatePath(pathOf(field), held);
  if (found !== 'none' || !EMBEDDED.test(field.name)) return found;
  const base = field.arrow ? relate(field.base, held) : 'none';
  return base === 'is' || base === 'inside' ? 'inside' : 'none';
}

function relatePath(path: string | undefined, held: Held): Relation {
  if (path === undefined) return 'none';
  if (held.holders.some((holder) => isSame(holder, path))) return 'is';
  if (held.inside.includes(path)) return 'inside';
  return leadsTo(path, held) ? 'holds' : 'none';
}

/** An element of an array whose index is not known may be any. */
const isSame = (holder: string, path: string): boolean =>
  holder === path ||
  ((holder.includes('[]') || (path.includes('[]') && holder.includes('['))) && anyIndex(holder) === anyIndex(path));

const anyIndex = (path: string): string => path.replaceAll(/\[[^\]]*\]/g, '[]');

const leadsTo = (path: string, { holders, containers }: Held): boolean =>
  containers.includes(path) || holders.some((holder) => holder !== path && isWithin(holder.replace(/^&/, ''), path));

function relateUnary({ op, of }: Extract<Expression, { kind: 'unary' }>, held: Held): Relation {
  if (op === '&') return relateAddress(bare(of), held);
  if (op === '*') return relatePath(pathOf({ kind: 'unary', op, of }), held);
  // A complement is no pointer any more, nor is a truth value.
  return op === '++' || op === '--' ? relate(of, held) : 'none';
}

/** `&p->member` points into what p points to; `&p` is where p is kept. */
function relateAddress(of: Expression, held: Held): Relation {
  const path = pathOf(of);
  // A count on an embedded member is known by that member: `&file->f_path`.
  if (path !== undefined && held.holders.includes(`&${path}`)) return 'is';
  if (path !== undefined && held.holders.includes(path)) return 'address';
  if (of.kind === 'field') {
    const base = of.arrow ? relate(of.base, held) : relateAddress(bare(of.base), held);
    if (base === 'is' || base === 'inside') return 'inside';
    return base === 'none' && path !== undefined && leadsTo(path, held) ? 'holds' : base;
  }
  if (of.kind === 'index') {
    const base = relate(of.base, held);
    return base === 'is' || base === 'inside' ? 'inside' : base;
  }
  if (of.kind === 'unary' && of.op === '*') return relate(of.of, held);
  return path !== undefined && leadsTo(path, held) ? 'holds' : 'none';
}

function relateSum({ op, left, right }: Extract<Expression, { kind: 'binary' }>, held: Held): Relation {
  if (op !== '+' && op !== '-' && op !== '|') return 'none';
  const found = strongest([left, right], held);
  return found === 'is' ? 'inside' : found === 'inside' ? found : 'none';
}

function relateCall(call: Extract<Expression, { kind: 'call' }>, held: Held): Relation {
  const path = pathOf(call);
  if (path !== undefined && held.holders.includes(path)) return 'is';
  const name = calleeName(call.callee);
  const [first] = call.args;
  if (first === undefined || !pointsInto(name)) return 'none';
  // The device comes first: `dma_map_single(dev, p, …)`.
  const of = relate(/^(?:dma|pci)_map_/.test(name) ? (call.args[1] ?? first) : first, held);
  if (of === 'is' && /^(?:no_free_ptr|return_ptr|READ_ONCE|rcu_dereference\w*|ERR_CAST)$/.test(name)) return 'is';
  return of === 'is' || of === 'inside' ? 'inside' : of === 'holds' ? 'holds' : 'none';
}
