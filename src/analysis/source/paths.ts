import type { CallExpression, Expression } from '../../model/source/c-unit.ts';
import { pointsInto } from './api/effects.ts';

/**
 * Where a value is kept, as text: `p`, `p->next`, `s.f`, `ring[]`. Elements of an array are one path unless their index is a
 * number or a constant. Undefined for what is no place: calls, sums, literals.
 */
export function pathOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'field':
      return fieldPath(expression.base, expression.name, expression.arrow);
    case 'index': {
      const base = pathOf(expression.base);
      return base === undefined ? undefined : `${base}[${indexText(expression.index)}]`;
    }
    case 'cast':
      return pathOf(expression.of);
    case 'unary':
      return pointedPath(expression.op, expression.of);
    case 'call':
      return intoPath(expression);
    default:
      return undefined;
  }
}

/** `file_inode(f)` is as good as a member of f. */
function intoPath({ callee, args }: CallExpression): string | undefined {
  const name = calleeName(callee);
  const path = args.length === 1 && args[0] && pointsInto(name) ? pathOf(args[0]) : undefined;
  return path === undefined ? undefined : `${name}(${path})`;
}

function pointedPath(op: string, of: Expression): string | undefined {
  if (op !== '*' && op !== '&') return undefined;
  // `*&x` and `&*x` are x.
  if (of.kind === 'unary' && of.op !== op && (of.op === '*' || of.op === '&')) return pathOf(of.of);
  const path = pathOf(of);
  return path === undefined ? undefined : op + path;
}

function fieldPath(base: Expression, name: string, arrow: boolean): string | undefined {
  if (arrow && base.kind === 'unary' && base.op === '&') return fieldPath(base.of, name, false);
  if (!arrow && base.kind === 'unary' && base.op === '*') return fieldPath(base.of, name, true);
  const path = pathOf(base);
  return path === undefined ? undefined : `${path}${arrow ? '->' : '.'}${name}`;
}

const indexText = (index: Expression): string =>
  index.kind === 'literal' ? index.text : index.kind === 'name' && /^[A-Z_\d]+$/.test(index.name) ? index.name : '';

/** The variable that a path begins with. */
export const rootOf = (path: string): string => /^(?:[&*]|\w+\()*([\w$]+)/.exec(path)?.[1] ?? path;

/** The last member, or the variable itself. */
export const lastOf = (path: string): string => /([\w$]+)[[\]\w]*$/.exec(path)?.[1] ?? path;

/** Whether `path` lies within what `prefix` names: `p->x` within `p`, not `pq`. */
export const isWithin = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || /^[-.[]/.test(path.slice(prefix.length)));

/** The variable that an expression is about, whatever is done to it. */
export function rootName(expression: Expression): string | undefined {
  const path = pathOf(expression);
  if (path !== undefined) return rootOf(path);
  switch (expression.kind) {
    case 'field':
    case 'index':
      return rootName(expression.base);
    case 'unary':
    case 'cast':
      return rootName(expression.of);
    case 'call':
      return expression.args[0] && rootName(expression.args[0]);
    case 'binary':
      return rootName(expression.left);
    default:
      return undefined;
  }
}

const LONGEST = 60;

/** An expression as text, shortened. */
export function spell(expression: Expression): string {
  const text = spellWhole(expression, 0);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function spellWhole(expression: Expression, depth: number): string {
  if (depth > 6) return '…';
  const inner = (part: Expression): string => spellWhole(part, depth + 1);
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'literal':
      return expression.text;
    case 'field':
      return `${inner(expression.base)}${expression.arrow ? '->' : '.'}${expression.name}`;
    case 'index':
      return `${inner(expression.base)}[${inner(expression.index)}]`;
    case 'call':
      return `${inner(expression.callee)}(${expression.args.map(inner).join(', ')})`;
    case 'unary':
      return `${expression.op}${inner(expression.of)}`;
    case 'binary':
      return `${inner(expression.left)} ${expression.op} ${inner(expression.right)}`;
    case 'assign':
      return `${inner(expression.left)} ${expression.op} ${inner(expression.right)}`;
    case 'choice':
      return `${inner(expression.test)} ? … : …`;
    case 'cast':
      return inner(expression.of);
    case 'comma':
    case 'parts':
      return expression.parts.map(inner).join(', ');
    case 'block':
      return '({ … })';
  }
}

/** The value behind casts and brackets. */
export function bare(expression: Expression): Expression {
  return expression.kind === 'cast' ? bare(expression.of) : expression;
}

/** The name of the function that is called; of a pointer to one the last member. */
export function calleeName(callee: Expression): string {
  const inner = bare(callee);
  if (inner.kind === 'name') return inner.name;
  if (inner.kind === 'field') return inner.name;
  if (inner.kind === 'unary') return calleeName(inner.of);
  return '';
}
