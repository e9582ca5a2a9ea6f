import type { FunctionOutline } from './outline.ts';
import { prepareBody } from './prepare-body.ts';
import { childrenOf, DEEPEST, kindOf, offsetOf, readExpression, textOf, type Reading } from './read-expression.ts';
import type { CFunction, ConditionalBranch, Declaration, Expression, Loop, Statement } from './records.ts';
import type { ParseSyntax } from './syntax-table.ts';

/** Bodies larger than this were not written by people. */
const LARGEST = 512 * 1024;
/** Brackets nested deeper than this are refused before they are parsed. */
const DEEPEST_BRACKETS = 400;

/** The body of one function, or why it could not be read. */
export function readFunction(text: string, outline: FunctionOutline, parse: ParseSyntax): CFunction | string {
  const original = text.slice(outline.start, outline.end);
  if (original.length > LARGEST) return `is ${original.length} bytes long`;
  if (deepest(original) > DEEPEST_BRACKETS) return `is nested deeper than ${DEEPEST_BRACKETS} brackets`;
  const { text: prepared, cleanups } = prepareBody(original);
  const table = parse(prepared);
  if (table === undefined) return 'takes too long to parse';
  const reading: Reading = { table, base: outline.start, original, cleanups, broken: [], statements: readBlock };
  const body = readStatement(reading, 0, 0);
  for (let node = 0; node < table.count; node++) {
    if (table.kind[node] === 0) reading.broken.push(offsetOf(reading, node));
  }
  return { name: outline.name, body, broken: reading.broken };
}

function deepest(text: string): number {
  let [depth, most] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 123 || c === 40 || c === 91) most = Math.max(most, ++depth);
    else if ((c === 125 || c === 41 || c === 93) && depth > 0) depth--;
  }
  return most;
}

/** Statements that a node holds, one after the other. */
function readBlock(reading: Reading, node: number, depth: number): readonly Statement[] {
  return readSequence(reading, childrenOf(reading, node), depth);
}

function readSequence(reading: Reading, nodes: readonly number[], depth: number): readonly Statement[] {
  const statements: Statement[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] ?? 0;
    const next = nodes[i + 1];
    const loop = next === undefined ? undefined : unknownLoop(reading, node, next, depth);
    if (loop) {
      statements.push(loop);
      i++;
    } else statements.push(...readStatement(reading, node, depth));
  }
  return statements;
}

/** A macro with a block behind it and no semicolon between: whatever it is called, it may run the block. */
function unknownLoop(reading: Reading, node: number, next: number, depth: number): Loop | undefined {
  if (kindOf(reading, node) !== 'expression_statement' || kindOf(reading, next) !== 'compound_statement')
    return undefined;
  const { table } = reading;
  if (table.text.charCodeAt((table.end[node] ?? 1) - 1) === 59) return undefined;
  const value = readExpression(reading, node + 1, depth + 1);
  if (value.kind !== 'call' || value.callee.kind !== 'name') return undefined;
  const macro = { name: value.callee.name, args: value.args };
  return {
    kind: 'loop',
    form: 'macro',
    start: [],
    body: readBlock(reading, next, depth + 1),
    macro,
    at: offsetOf(reading, node),
  };
}

function readStatement(reading: Reading, node: number, depth: number): readonly Statement[] {
  const at = offsetOf(reading, node);
  if (depth > DEEPEST) {
    reading.broken.push(at);
    return [{ kind: 'broken', at }];
  }
  const read = STATEMENTS[kindOf(reading, node)];
  if (read) return read(reading, node, depth + 1, at);
  return [];
}

type StatementReader = (reading: Reading, node: number, depth: number, at: number) => readonly Statement[];

/** A statement as the body of another. */
const bodyOf = (reading: Reading, node: number | undefined, depth: number): readonly Statement[] =>
  node === undefined ? [] : readStatement(reading, node, depth);

const of = (reading: Reading, node: number, kinds: RegExp): number | undefined =>
  childrenOf(reading, node).find((child) => kinds.test(kindOf(reading, child)));

const expressionStatement: StatementReader = (reading, node, depth, at) => {
  const [value] = childrenOf(reading, node);
  return value === undefined ? [] : [{ kind: 'expression', value: readExpression(reading, value, depth), at }];
};

const ifStatement: StatementReader = (reading, node, depth, at) => {
  const [, test, ...rest] = childrenOf(reading, node);
  const otherwise = rest.find((child) => kindOf(reading, child) === 'else_clause');
  const then = rest.find((child) => child !== otherwise);
  if (test === undefined) return [];
  // scoped_guard() was made an `if`: what stands in it always runs.
  const guard = reading.original.startsWith('scoped_', at - reading.base);
  const body = bodyOf(reading, then, depth);
  if (guard) return [{ kind: 'block', body }];
  const last = otherwise === undefined ? undefined : childrenOf(reading, otherwise).at(-1);
  return [{ kind: 'if', test: readExpression(reading, test, depth), yes: body, no: bodyOf(reading, last, depth), at }];
};

const whileStatement: StatementReader = (reading, node, depth, at) => {
  const [, test, body] = childrenOf(reading, node);
  if (test === undefined) return [];
  const value = readExpression(reading, test, depth);
  const word = /^[A-Za-z_]\w*/.exec(reading.original.slice(at - reading.base, at - reading.base + 80))?.[0] ?? 'while';
  const statements = bodyOf(reading, body, depth);
  if (word === 'while') return [{ kind: 'loop', form: 'while', start: [], test: value, body: statements, at }];
  const macro = { name: word, args: flatten(value) };
  return [{ kind: 'loop', form: 'macro', start: [], body: statements, macro, at }];
};

const flatten = (value: Expression): readonly Expression[] =>
  value.kind === 'comma' ? value.parts.flatMap(flatten) : [value];

const doStatement: StatementReader = (reading, node, depth, at) => {
  const [, body, , test] = childrenOf(reading, node);
  const value = test === undefined ? {} : { test: readExpression(reading, test, depth) };
  return [{ kind: 'loop', form: 'do', start: [], ...value, body: bodyOf(reading, body, depth), at }];
};

/** Which part is which is told by the semicolons between. */
const forStatement: StatementReader = (reading, node, depth, at) => {
  const { table } = reading;
  const parts: (number | undefined)[] = [undefined, undefined, undefined];
  const children = childrenOf(reading, node).slice(1);
  const body = children.at(-1);
  let [slot, from] = [0, table.text.indexOf('(', table.start[node] ?? 0) + 1];
  for (const child of children.slice(0, -1)) {
    slot = Math.min(2, slot + semicolons(table.text, from, table.start[child] ?? 0));
    parts[slot] = child;
    from = table.end[child] ?? 0;
    if (kindOf(reading, child) === 'declaration') slot = 1;
  }
  const [start, test, step] = parts;
  const read = (child: number): Expression => readExpression(reading, child, depth);
  return [
    {
      kind: 'loop',
      form: 'for',
      start: start === undefined ? [] : startOf(reading, start, depth),
      ...(test === undefined ? {} : { test: read(test) }),
      ...(step === undefined ? {} : { step: read(step) }),
      body: bodyOf(reading, body, depth),
      at,
    },
  ];
};

function startOf(reading: Reading, node: number, depth: number): readonly Statement[] {
  if (kindOf(reading, node) === 'declaration') return readStatement(reading, node, depth);
  return [{ kind: 'expression', value: readExpression(reading, node, depth), at: offsetOf(reading, node) }];
}

function semicolons(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = text.indexOf(';', from); i >= 0 && i < to; i = text.indexOf(';', i + 1)) count++;
  return count;
}

const switchStatement: StatementReader = (reading, node, depth, at) => {
  const [, value, body] = childrenOf(reading, node);
  if (value === undefined) return [];
  const statements = body === undefined ? [] : bodyOf(reading, body, depth);
  return [{ kind: 'switch', value: readExpression(reading, value, depth), body: statements, at }];
};

const caseStatement: StatementReader = (reading, node, depth, at) => {
  const [word = node, ...rest] = childrenOf(reading, node);
  const colon = rest.findIndex((child) => kindOf(reading, child) === ':');
  const value = kindOf(reading, word) === 'case' ? rest[0] : undefined;
  const head: Statement = {
    kind: 'case',
    at,
    ...(value === undefined ? {} : { value: readExpression(reading, value, depth) }),
  };
  return [head, ...readSequence(reading, rest.slice(colon + 1), depth)];
};

const labeled: StatementReader = (reading, node, depth, at) => {
  const [label = node, , ...rest] = childrenOf(reading, node);
  return [{ kind: 'label', name: textOf(reading, label), at }, ...readSequence(reading, rest, depth)];
};

const gotoStatement: StatementReader = (reading, node, _, at) => {
  const label = childrenOf(reading, node)[1];
  return label === undefined ? [] : [{ kind: 'goto', name: textOf(reading, label), at }];
};

const returnStatement: StatementReader = (reading, node, depth, at) => {
  const value = childrenOf(reading, node)[1];
  return [{ kind: 'return', ...(value === undefined ? {} : { value: readExpression(reading, value, depth) }), at }];
};

const DECLARATOR = /declarator$|^identifier$/;

const declaration: StatementReader = (reading, node, depth, at) => {
  const children = childrenOf(reading, node);
  const first = children.findIndex((child) => DECLARATOR.test(kindOf(reading, child)));
  const type = children
    .slice(0, Math.max(first, 0))
    .map((child) => textOf(reading, child))
    .join(' ');
  const isStatic = /\bstatic\b/.test(type);
  return children.slice(Math.max(first, 0)).flatMap((child) => declare(reading, child, type, isStatic, depth, at));
};

function declare(
  reading: Reading,
  node: number,
  type: string,
  isStatic: boolean,
  depth: number,
  at: number,
): readonly Statement[] {
  const isInit = kindOf(reading, node) === 'init_declarator';
  if (!DECLARATOR.test(kindOf(reading, node))) return [];
  const parts = isInit ? childrenOf(reading, node) : [node];
  const target = parts.find((child) => DECLARATOR.test(kindOf(reading, child))) ?? node;
  const found = declared(reading, target, depth);
  if (found === undefined || found.kind === 'function_declarator') return [];
  const value = isInit ? parts.at(-1) : undefined;
  const form: Declaration['form'] = isStatic
    ? 'static'
    : reading.cleanups.has(found.name)
      ? 'cleanup'
      : found.kind === 'array_declarator'
        ? 'array'
        : 'plain';
  return [
    {
      kind: 'declare',
      name: found.name,
      type,
      form,
      pointer: /\*/.test(textOf(reading, target)),
      at,
      ...(value === undefined || value === target ? {} : { value: readExpression(reading, value, depth) }),
    },
  ];
}

/** The name inside of declarators, and the declarator nearest to it that says something. */
function declared(reading: Reading, node: number, depth: number): { name: string; kind: string } | undefined {
  let [at, kind] = [node, 'identifier'];
  for (let tries = depth; tries < DEEPEST + 20; tries++) {
    const here = kindOf(reading, at);
    if (here === 'identifier') return { name: textOf(reading, at), kind };
    if (here === 'array_declarator') kind = here;
    if (here === 'function_declarator' && kind === 'identifier') {
      // `(*f)(int)` is a variable, `f(int)` a function.
      kind = /^\(\s*\*/.test(textOf(reading, at)) ? 'pointer' : here;
    }
    const next = of(reading, at, DECLARATOR);
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}

const conditional: StatementReader = (reading, node, depth, at) => {
  const branches: ConditionalBranch[] = [];
  collectBranches(reading, node, depth, branches);
  return [{ kind: 'either', branches, at }];
};

/** #if and #ifdef hold their first branch and then the next directive, which holds the rest. */
function collectBranches(reading: Reading, node: number, depth: number, into: ConditionalBranch[]): void {
  const children = childrenOf(reading, node);
  const next = children.find((child) => /^preproc_(?:else|elif|elifdef)$/.test(kindOf(reading, child)));
  const word = textOf(reading, children[0] ?? node);
  const hasCondition = kindOf(reading, node) !== 'preproc_else';
  const body = children.slice(hasCondition ? 2 : 1).filter((child) => child !== next);
  const condition = hasCondition ? `${word} ${textOf(reading, children[1] ?? node)}` : undefined;
  into.push({ condition, body: readSequence(reading, body, depth) });
  if (next !== undefined && into.length < DEEPEST) collectBranches(reading, next, depth, into);
}

const broken: StatementReader = (reading, node, depth, at) => {
  // What is inside may still be told apart: calls in it count.
  const parts = childrenOf(reading, node).filter((child) =>
    /_statement$|^declaration$|^labeled/.test(kindOf(reading, child)),
  );
  return [{ kind: 'broken', at }, ...readSequence(reading, parts, depth)];
};

const STATEMENTS: Readonly<Record<string, StatementReader | undefined>> = {
  translation_unit: (reading, node, depth) => readBlock(reading, node, depth),
  compound_statement: (reading, node, depth) => [{ kind: 'block', body: readBlock(reading, node, depth) }],
  expression_statement: expressionStatement,
  declaration,
  if_statement: ifStatement,
  while_statement: whileStatement,
  do_statement: doStatement,
  for_statement: forStatement,
  switch_statement: switchStatement,
  case_statement: caseStatement,
  labeled_statement: labeled,
  goto_statement: gotoStatement,
  return_statement: returnStatement,
  break_statement: (_, __, ___, at) => [{ kind: 'break', at }],
  continue_statement: (_, __, ___, at) => [{ kind: 'continue', at }],
  preproc_if: conditional,
  preproc_ifdef: conditional,
  attributed_statement: (reading, node, depth) => readBlock(reading, node, depth),
  else_clause: (reading, node, depth) => readBlock(reading, node, depth),
  ERROR: broken,
};
