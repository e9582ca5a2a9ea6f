import type { CallExpression, Expression, Statement } from '../../model/source/c-unit.ts';

/** Every call in some statements, in the order of the text. */
export function callsIn(statements: readonly Statement[]): readonly CallExpression[] {
  const calls: CallExpression[] = [];
  walkExpressions(statements, (expression) => {
    if (expression.kind === 'call') calls.push(expression);
  });
  return calls;
}

/** Every expression in some statements, outer ones first. */
export function walkExpressions(statements: readonly Statement[], see: (expression: Expression) => void): void {
  for (const statement of statements) walkStatement(statement, see);
}

function walkStatement(statement: Statement, see: (expression: Expression) => void): void {
  if (statement.kind === 'loop') {
    walkExpressions(statement.start, see);
    for (const part of [statement.test, ...(statement.macro?.args ?? [])]) if (part) walkExpression(part, see);
    walkExpressions(statement.body, see);
    if (statement.step) walkExpression(statement.step, see);
    return;
  }
  if ('test' in statement) walkExpression(statement.test, see);
  if ('value' in statement && statement.value) walkExpression(statement.value, see);
  for (const inner of innerOf(statement)) walkExpressions(inner, see);
}

/** Statements that a statement holds. */
function innerOf(statement: Statement): readonly (readonly Statement[])[] {
  if (statement.kind === 'if') return [statement.yes, statement.no];
  if (statement.kind === 'switch' || statement.kind === 'block') return [statement.body];
  return statement.kind === 'either' ? statement.branches.map(({ body }) => body) : [];
}

export function walkExpression(expression: Expression, see: (expression: Expression) => void): void {
  see(expression);
  for (const part of partsOf(expression)) walkExpression(part, see);
  if (expression.kind === 'block') walkExpressions(expression.body, see);
}

/** What an expression is made of, in the order of evaluation as far as C says. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'name':
    case 'literal':
    case 'block':
      return [];
    case 'field':
      return [expression.base];
    case 'index':
      return [expression.base, expression.index];
    case 'call':
      return expression.callee.kind === 'name' ? expression.args : [expression.callee, ...expression.args];
    case 'unary':
    case 'cast':
      return [expression.of];
    case 'binary':
      return [expression.left, expression.right];
    case 'assign':
      return [expression.right, expression.left];
    case 'choice':
      return expression.yes ? [expression.test, expression.yes, expression.no] : [expression.test, expression.no];
    case 'parts':
    case 'comma':
      return expression.parts;
  }
}
