import type { Expression, Statement } from './records.ts';
import type { SyntaxTable } from './syntax-table.ts';

/** What the readers of expressions and statements share: one table, and where its text begins in the file. */
export interface Reading {
  readonly table: SyntaxTable;
  readonly base: number;
  /** The text before it was prepared: macros by their own names. */
  readonly original: string;
  readonly cleanups: ReadonlySet<string>;
  readonly broken: number[];
  /** Statements inside of expressions. */
  readonly statements: (reading: Reading, node: number, depth: number) => readonly Statement[];
}

/** Nested deeper than this nothing is read. */
export const DEEPEST = 120;
const NOTHING: Expression = { kind: 'literal', text: '' };

export const kindOf = ({ table }: Reading, node: number): string => table.kinds[table.kind[node] ?? 0] ?? '';
export const textOf = ({ table }: Reading, node: number): string =>
  table.text.slice(table.start[node] ?? 0, table.end[node] ?? 0);

/** Children in order; keywords and operators are among them. */
export function childrenOf({ table }: Reading, node: number): readonly number[] {
  const children: number[] = [];
  const end = table.after[node] ?? 0;
  for (let at = node + 1; at < end; at = table.after[at] ?? end) children.push(at);
  return children;
}

export const offsetOf = (reading: Reading, node: number): number => reading.base + (reading.table.start[node] ?? 0);

const isSymbol = (kind: string): boolean => !/^[A-Za-z_]/.test(kind);

export function readExpression(reading: Reading, node: number, depth: number): Expression {
  if (depth > DEEPEST) {
    reading.broken.push(offsetOf(reading, node));
    return NOTHING;
  }
  const kind = kindOf(reading, node);
  const read = READERS[kind];
  if (read) return read(reading, node, depth + 1);
  if (isSymbol(kind)) return NOTHING;
  return { kind: 'parts', parts: expressionsIn(reading, node, depth + 1) };
}

type Reader = (reading: Reading, node: number, depth: number) => Expression;

const expressionsIn = (reading: Reading, node: number, depth: number): readonly Expression[] =>
  childrenOf(reading, node)
    .filter((child) => !isSymbol(kindOf(reading, child)) && !KEYWORDS.has(kindOf(reading, child)))
    .map((child) => readExpression(reading, child, depth));

const KEYWORDS: ReadonlySet<string> = new Set([
  'sizeof',
  'asm',
  '__asm__',
  '__extension__',
  'offsetof',
  'type_descriptor',
]);

const name: Reader = (reading, node) => ({ kind: 'name', name: textOf(reading, node) });
const literal: Reader = (reading, node) => ({ kind: 'literal', text: textOf(reading, node) });

const call: Reader = (reading, node, depth) => {
  const [callee = node, list] = childrenOf(reading, node);
  const args = list === undefined ? [] : childrenOf(reading, list).filter((child) => !isSymbol(kindOf(reading, child)));
  return {
    kind: 'call',
    callee: callee === node ? NOTHING : readExpression(reading, callee, depth),
    args: args.filter((arg) => kindOf(reading, arg) !== 'ERROR').map((arg) => readExpression(reading, arg, depth)),
    at: offsetOf(reading, node),
  };
};

const field: Reader = (reading, node, depth) => {
  const [base = node, arrow = node, member = node] = childrenOf(reading, node);
  const isArrow = kindOf(reading, arrow) === '->';
  return {
    kind: 'field',
    base: base === node ? NOTHING : readExpression(reading, base, depth),
    name: textOf(reading, member),
    arrow: isArrow,
  };
};

const index: Reader = (reading, node, depth) => {
  const [base = node, at = node] = childrenOf(reading, node);
  if (base === node || at === node) return NOTHING;
  return { kind: 'index', base: readExpression(reading, base, depth), index: readExpression(reading, at, depth) };
};

const unary: Reader = (reading, node, depth) => {
  const children = childrenOf(reading, node);
  const operator = children.find((child) => isSymbol(kindOf(reading, child)));
  const operand = children.find((child) => child !== operator);
  if (operand === undefined) return NOTHING;
  return {
    kind: 'unary',
    op: operator === undefined ? '' : kindOf(reading, operator),
    of: readExpression(reading, operand, depth),
  };
};

const binary: Reader = (reading, node, depth) => {
  const [left = node, operator = node, right = node] = childrenOf(reading, node);
  if (left === node || right === node) return NOTHING;
  return {
    kind: 'binary',
    op: kindOf(reading, operator),
    left: readExpression(reading, left, depth),
    right: readExpression(reading, right, depth),
  };
};

const assign: Reader = (reading, node, depth) => {
  const [left = node, operator = node, right = node] = childrenOf(reading, node);
  if (left === node || right === node) return NOTHING;
  return {
    kind: 'assign',
    op: kindOf(reading, operator),
    left: readExpression(reading, left, depth),
    right: readExpression(reading, right, depth),
    at: offsetOf(reading, node),
  };
};

const choice: Reader = (reading, node, depth) => {
  const parts = childrenOf(reading, node).filter((child) => !isSymbol(kindOf(reading, child)));
  const [test = node, yes = node, no] = parts;
  if (test === node || yes === node) return NOTHING;
  const read = (child: number): Expression => readExpression(reading, child, depth);
  return no === undefined
    ? { kind: 'choice', test: read(test), no: read(yes) }
    : { kind: 'choice', test: read(test), yes: read(yes), no: read(no) };
};

const inner: Reader = (reading, node, depth) => {
  const only = childrenOf(reading, node).find((child) => !isSymbol(kindOf(reading, child)));
  if (only === undefined) return NOTHING;
  if (kindOf(reading, only) === 'compound_statement')
    return { kind: 'block', body: reading.statements(reading, only, depth) };
  return readExpression(reading, only, depth);
};

const cast: Reader = (reading, node, depth) => {
  const last = childrenOf(reading, node).at(-1);
  return last === undefined ? NOTHING : { kind: 'cast', of: readExpression(reading, last, depth) };
};

const comma: Reader = (reading, node, depth) => ({ kind: 'comma', parts: expressionsIn(reading, node, depth) });

const list: Reader = (reading, node, depth) => {
  const items = childrenOf(reading, node).filter((child) => !isSymbol(kindOf(reading, child)));
  const names = items.map((item) => designatorOf(reading, item));
  const parts = items.map((item) => {
    const value = kindOf(reading, item) === 'initializer_pair' ? (childrenOf(reading, item).at(-1) ?? item) : item;
    return readExpression(reading, value, depth);
  });
  return { kind: 'parts', parts, names };
};

function designatorOf(reading: Reading, item: number): string | undefined {
  if (kindOf(reading, item) !== 'initializer_pair') return undefined;
  const [first = item] = childrenOf(reading, item);
  return /^\.\s*(\w+)$/.exec(textOf(reading, first))?.[1];
}

/** `(struct x){ … }`. */
const compound: Reader = (reading, node, depth) => {
  const last = childrenOf(reading, node).at(-1);
  return last === undefined ? NOTHING : readExpression(reading, last, depth);
};

const READERS: Readonly<Record<string, Reader | undefined>> = {
  identifier: name,
  field_identifier: name,
  type_identifier: name,
  primitive_type: literal,
  number_literal: literal,
  string_literal: literal,
  char_literal: literal,
  concatenated_string: literal,
  null: literal,
  true: literal,
  false: literal,
  sizeof_expression: literal,
  alignof_expression: literal,
  offsetof_expression: literal,
  call_expression: call,
  field_expression: field,
  subscript_expression: index,
  unary_expression: unary,
  pointer_expression: unary,
  update_expression: unary,
  binary_expression: binary,
  assignment_expression: assign,
  conditional_expression: choice,
  parenthesized_expression: inner,
  extension_expression: inner,
  cast_expression: cast,
  comma_expression: comma,
  initializer_list: list,
  compound_literal_expression: compound,
};
