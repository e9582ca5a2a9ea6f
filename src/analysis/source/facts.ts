import type { Expression } from '../../model/source/c-unit.ts';
import { asks } from './api/effects.ts';
import { bare, calleeName, pathOf, spell } from './paths.ts';

/**
 * What is known of a value on a path: `failed` is 0 or an error, `set` anything but 0. A constant is `=NAME`, `=5`; errors
 * and 0 have their own words.
 */
export type Fact = 'zero' | 'error' | 'positive' | 'set' | 'nonnegative' | 'failed' | `=${string}`;

/** By path; what is tested as a whole by `?` and its text. */
export type Facts = ReadonlyMap<string, Fact>;

type Want = 'zero' | 'true' | 'error' | 'sound' | 'positive' | 'failed' | 'notPositive';

/** What a fact becomes when a test says so; undefined where it contradicts. */
const REFINED: Readonly<Record<Want, Readonly<Partial<Record<string, Fact>>>>> = {
  zero: { none: 'zero', zero: 'zero', nonnegative: 'zero', failed: 'zero' },
  true: { none: 'set', set: 'set', error: 'error', positive: 'positive', nonnegative: 'positive', failed: 'error' },
  error: { none: 'error', set: 'error', error: 'error', failed: 'error' },
  sound: {
    none: 'nonnegative',
    nonnegative: 'nonnegative',
    set: 'positive',
    positive: 'positive',
    zero: 'zero',
    failed: 'zero',
  },
  positive: { none: 'positive', set: 'positive', nonnegative: 'positive', positive: 'positive' },
  failed: { none: 'failed', failed: 'failed', zero: 'zero', error: 'error', set: 'error', nonnegative: 'zero' },
  notPositive: { none: 'failed', failed: 'failed', zero: 'zero', error: 'error', set: 'error', nonnegative: 'zero' },
};

/** The facts on each side of a test; undefined for a side that cannot be reached. */
export type Split = readonly [yes: Facts | undefined, no: Facts | undefined];

export function splitFacts(test: Expression, facts: Facts): Split {
  const inner = bare(test);
  const value = valueFact(inner, facts);
  if (inner.kind === 'literal' || isConstantFact(value)) {
    if (value === 'zero') return [undefined, facts];
    if (value === 'error' || value === 'positive') return [facts, undefined];
  }
  if (inner.kind === 'call') return splitCall(inner, facts);
  if (inner.kind === 'binary') return splitBinary(inner, facts);
  const path = pathOf(inner);
  if (path === undefined) return splitText(inner, facts);
  return [want(facts, path, 'true'), want(facts, path, 'zero')];
}

const isConstantFact = (fact: Fact | undefined): boolean => fact !== undefined && /^=\d+$/.test(fact);

function splitCall(call: Extract<Expression, { kind: 'call' }>, facts: Facts): Split {
  const name = calleeName(call.callee);
  const path = call.args[0] && pathOf(call.args[0]);
  if (path !== undefined) {
    if (name === 'IS_ERR' || name === 'IS_ERR_VALUE')
      return [want(facts, path, 'error'), facts.get(path) === 'zero' ? facts : want(facts, path, 'positive')];
    if (name === 'IS_ERR_OR_NULL') return [want(facts, path, 'failed'), want(facts, path, 'positive')];
    if (name === 'PTR_ERR_OR_ZERO') return [want(facts, path, 'error'), want(facts, path, 'sound')];
    if (name === 'ZERO_OR_NULL_PTR') return [want(facts, path, 'zero'), want(facts, path, 'positive')];
  }
  return asks(name) || name === 'defined' || name === 'IS_ENABLED' ? splitText(call, facts) : [facts, facts];
}

function splitText(test: Expression, facts: Facts): Split {
  const key = textKey(test);
  if (key === undefined) return [facts, facts];
  const known = facts.get(key);
  if (known === 'positive') return [facts, undefined];
  if (known === 'zero') return [undefined, facts];
  return [new Map(facts).set(key, 'positive'), new Map(facts).set(key, 'zero')];
}

/** The same text asks the same question, where nothing in it may answer otherwise the second time. */
export function textKey(test: Expression): string | undefined {
  return isSteady(test) ? `?${spell(test)}` : undefined;
}

function isSteady(test: Expression): boolean {
  switch (test.kind) {
    case 'name':
    case 'literal':
      return true;
    case 'field':
      return isSteady(test.base);
    case 'index':
      return isSteady(test.base) && isSteady(test.index);
    case 'cast':
      return isSteady(test.of);
    case 'unary':
      return test.op !== '++' && test.op !== '--' && isSteady(test.of);
    case 'binary':
      return isSteady(test.left) && isSteady(test.right);
    case 'call':
      return (asks(calleeName(test.callee)) || calleeName(test.callee) === 'IS_ENABLED') && test.args.every(isSteady);
    case 'assign':
    case 'choice':
    case 'parts':
    case 'comma':
    case 'block':
      return false;
  }
}

const SWAPPED: Readonly<Record<string, string>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

function splitBinary(test: Extract<Expression, { kind: 'binary' }>, facts: Facts): Split {
  const right = constantOf(test.right);
  if (right !== undefined) return compare(test.left, test.op, right, test, facts);
  const left = constantOf(test.left);
  const swapped = SWAPPED[test.op];
  if (left !== undefined && swapped !== undefined) return compare(test.right, swapped, left, test, facts);
  return splitText(test, facts);
}

function compare(left: Expression, op: string, constant: string, test: Expression, facts: Facts): Split {
  const inner = bare(left);
  const path = pathOf(inner) ?? (inner.kind === 'call' ? errorOf(inner) : undefined);
  if (path === undefined) return splitText(test, facts);
  const isZero = constant === '0';
  switch (op) {
    case '==':
      return isZero ? [want(facts, path, 'zero'), want(facts, path, 'true')] : equal(facts, path, constant);
    case '!=': {
      const [yes, no] = isZero ? [want(facts, path, 'zero'), want(facts, path, 'true')] : equal(facts, path, constant);
      return [no, yes];
    }
    case '<':
      return isZero ? [want(facts, path, 'error'), want(facts, path, 'sound')] : splitText(test, facts);
    case '>=':
      return isZero ? [want(facts, path, 'sound'), want(facts, path, 'error')] : splitText(test, facts);
    case '<=':
      return isZero ? [want(facts, path, 'notPositive'), want(facts, path, 'positive')] : splitText(test, facts);
    case '>':
      return isZero ? [want(facts, path, 'positive'), want(facts, path, 'notPositive')] : splitText(test, facts);
    default:
      return splitText(test, facts);
  }
}

/** `PTR_ERR(p) == -EX` asks about p. */
function errorOf(call: Extract<Expression, { kind: 'call' }>): string | undefined {
  return /^PTR_ERR(?:_OR_ZERO)?$/.test(calleeName(call.callee)) && call.args[0] ? pathOf(call.args[0]) : undefined;
}

function equal(facts: Facts, path: string, constant: string): Split {
  const known = facts.get(path);
  if (constant.startsWith('-') && constantFact(constant) === 'error') return equalError(facts, path, constant);
  if (known?.startsWith('=') === true) {
    if (known === `=${constant}`) return [facts, undefined];
    return [undefined, facts];
  }
  const isNumber = /^\d/.test(constant);
  if (isNumber && (known === 'zero' || known === 'error')) return [undefined, facts];
  const others = facts.get(`!${path}=${constant}`);
  if (others !== undefined) return [undefined, facts];
  return [new Map(facts).set(path, `=${constant}`), new Map(facts).set(`!${path}=${constant}`, 'set')];
}

/** `err == -ENOSPC`: which error it is stays known beside that it is one. */
function equalError(facts: Facts, path: string, constant: string): Split {
  const key = `!${path}=${constant}`;
  const known = facts.get(key);
  if (known === 'positive') return [facts, undefined];
  if (known === 'zero' || isOtherError(facts, path, key)) return [undefined, facts];
  const yes = want(facts, path, 'error');
  return [yes && new Map(yes).set(key, 'positive'), new Map(facts).set(key, 'zero')];
}

function isOtherError(facts: Facts, path: string, key: string): boolean {
  for (const [other, fact] of facts) {
    if (fact === 'positive' && other !== key && other.startsWith(`!${path}=-`)) return true;
  }
  return false;
}

/** What holds of a path once a value was stored there: a constant error by its name as well. */
export function storedFacts(facts: Facts, path: string, fact: Fact, value: Expression): Facts {
  const constant = fact === 'error' ? constantOf(value) : undefined;
  const after = new Map(facts).set(path, fact);
  return constant === undefined ? after : after.set(`!${path}=${constant}`, 'positive');
}

/** What holds in one arm of a switch. */
export function armFacts(
  value: Expression,
  arm: Expression | undefined,
  facts: Facts,
  arms: readonly { readonly value?: Expression }[],
): Facts | undefined {
  const path = pathOf(bare(value));
  if (path === undefined) return facts;
  if (!arm) return isAnyOf(facts.get(path), arms) ? undefined : facts;
  const constant = constantOf(arm);
  if (constant === undefined) return facts;
  return constant === '0' ? want(facts, path, 'zero') : equal(facts, path, constant)[0];
}

/** Whether what is known of a value is the case of one of the arms: then the default is not taken. */
function isAnyOf(known: Fact | undefined, arms: readonly { readonly value?: Expression }[]): boolean {
  if (known !== 'zero' && known?.startsWith('=') !== true) return false;
  return arms.some(({ value }) => {
    const constant = value && constantOf(value);
    return known === 'zero' ? constant === '0' : known === `=${constant ?? ''}`;
  });
}

function want(facts: Facts, path: string, wanted: Want): Facts | undefined {
  const known = facts.get(path);
  if (known?.startsWith('=') === true) {
    // A named constant may be anything; a number is not 0.
    if (wanted === 'zero') return /^=\d/.test(known) ? undefined : facts;
    return wanted === 'error' && /^=\d/.test(known) ? undefined : facts;
  }
  const refined = REFINED[wanted][known ?? 'none'];
  if (refined === undefined) return undefined;
  return refined === known ? facts : new Map(facts).set(path, refined);
}

/** A number, a constant by its name, NULL; `-ENOMEM` for errors. */
function constantOf(expression: Expression): string | undefined {
  const inner = bare(expression);
  if (inner.kind === 'literal') return numberOf(inner.text);
  if (inner.kind === 'name') return namedConstant(inner.name);
  if (inner.kind === 'call' && calleeName(inner.callee) === 'ERR_PTR' && inner.args[0])
    return constantOf(inner.args[0]);
  if (inner.kind === 'unary' && inner.op === '-') {
    const of = constantOf(inner.of);
    return of === undefined ? undefined : `-${of}`;
  }
  return undefined;
}

/** What says that all is well is 0: `NETDEV_TX_OK`, `Z_OK`, `LAPB_OK`. */
const namedConstant = (name: string): string | undefined =>
  /^[A-Z][A-Z\d_]*$/.test(name) ? (/_(?:OK|SUCCESS)$/.test(name) ? '0' : name) : undefined;

function numberOf(text: string): string | undefined {
  if (text === 'NULL' || text === 'false') return '0';
  if (text === 'true') return '1';
  const [, sign = '', digits] = /^(-?)(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) === 0 ? '0' : `${sign}${Number(digits)}`;
}

/** What is known of a value before it is stored anywhere. */
export function valueFact(expression: Expression, facts: Facts): Fact | undefined {
  const inner = bare(expression);
  const constant = constantOf(inner);
  if (constant !== undefined) return constantFact(constant);
  if (inner.kind === 'call') return callFact(inner, facts);
  if (inner.kind === 'unary') return inner.op === '&' ? 'positive' : undefined;
  if (inner.kind === 'literal') return inner.text.startsWith('"') ? 'positive' : undefined;
  const path = pathOf(inner);
  return path === undefined ? undefined : facts.get(path);
}

function constantFact(constant: string): Fact {
  if (constant === '0') return 'zero';
  // In flight is no failure.
  if (/^-E(?:IOCBQUEUED|INPROGRESS)$/.test(constant)) return `=${constant}`;
  return constant.startsWith('-') ? 'error' : `=${constant}`;
}

/** What they return is an address in any case. */
const NEVER_NULL =
  /^(?:kmap|kmap_atomic|kmap_local_page|kmap_local_folio|page_address|netdev_priv|container_of\w*|list_entry|rb_entry)$/;

function callFact({ callee, args }: Extract<Expression, { kind: 'call' }>, facts: Facts): Fact | undefined {
  const name = calleeName(callee);
  const [first] = args;
  if (first === undefined) return undefined;
  if (NEVER_NULL.test(name)) return 'positive';
  if (name === 'ERR_PTR') return valueFact(first, facts) === 'zero' ? 'zero' : 'error';
  if (name === 'ERR_CAST' || name === 'dev_err_probe') return 'error';
  if (name === 'PTR_ERR') return valueFact(first, facts) === 'error' ? 'error' : undefined;
  if (name === 'PTR_ERR_OR_ZERO') {
    const known = valueFact(first, facts);
    return known === 'error' ? 'error' : known === 'positive' || known === 'nonnegative' ? 'zero' : undefined;
  }
  return undefined;
}
