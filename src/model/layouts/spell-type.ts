import type { TypeGraph, TypeId, TypeNode } from '../../base/type-graph.ts';
import { nodeOf, type TypeRef } from './type-ref.ts';

/** The longest real declaration takes a hundred; damaged types go round. */
const MOST_STEPS = 1_000;

type Prototype = Extract<TypeNode, { readonly kind: 'prototype' }>;

interface Budget {
  steps: number;
}

/** Compilers name ints by what was left out, people write them as in the second column. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['long unsigned int', 'unsigned long'],
  ['long long unsigned int', 'unsigned long long'],
  ['short unsigned int', 'unsigned short'],
  ['long int', 'long'],
  ['long long int', 'long long'],
  ['short int', 'short'],
]);
const LONG_NAMES: ReadonlyMap<string, string> = new Map([...SHORT_NAMES].map(([long, short]) => [short, long]));

/** As compilers name an int that people write shorter. */
export const compilerName = (name: string): string => LONG_NAMES.get(name) ?? name;

/** A type as C writes it: `struct list_head *`, `void (*)(struct work_struct *)`, `unsigned long [4]`. */
export const spellType = (type: TypeRef): string => spellDeclaration(type, '');

/** A declaration: `struct kmem_cache_node *node[1024]`, `int (*open)(struct inode *, struct file *)`. */
export const spellDeclaration = (type: TypeRef, name: string): string => spell(type, name, { steps: MOST_STEPS });

function spell(type: TypeRef, name: string, budget: Budget): string {
  let at = type;
  let declarator = name;
  while (budget.steps-- > 0) {
    const node = nodeOf(at);
    const wrapped = wrap(node, declarator, at, budget);
    if (wrapped === undefined) return join(spellBase(node), declarator);
    declarator = wrapped.declarator;
    if (wrapped.prefix !== undefined) return join(`${wrapped.prefix} ${spell(wrapped.to, '', budget)}`, declarator);
    at = wrapped.to;
  }
  return join('...', declarator);
}

interface Wrapped {
  readonly declarator: string;
  readonly to: TypeRef;
  /** A qualifier that stands before what it qualifies. */
  readonly prefix?: string;
}

/** C writes declarations from the name outwards; undefined where the name of a type is reached. */
function wrap(node: TypeNode, declarator: string, { graph }: TypeRef, budget: Budget): Wrapped | undefined {
  if (node.kind === 'pointer') {
    const to = { graph, id: node.to };
    const { kind } = graph.node(node.to);
    const starred = `*${declarator}`;
    return { declarator: kind === 'array' || kind === 'prototype' ? `(${starred})` : starred, to };
  }
  if (node.kind === 'array') {
    return { declarator: `${declarator}[${node.count > 0 ? node.count : ''}]`, to: { graph, id: node.of } };
  }
  if (node.kind === 'prototype') {
    const declared = `${declarator}(${spellParameters(node, graph, budget)})`;
    return { declarator: declared, to: { graph, id: node.returns } };
  }
  if (node.kind === 'tag') return { declarator, to: { graph, id: node.to } };
  const qualifier = qualifierOf(node);
  if (qualifier === undefined) return undefined;
  const to = { graph, id: qualifier.to };
  if (!qualifiesPointer(to)) return { declarator, to, prefix: qualifier.word };
  return { declarator: ` ${qualifier.word} ${declarator.trimStart()}`.trimEnd(), to };
}

interface Qualifier {
  readonly word: string;
  readonly to: TypeId;
}

const qualifierOf = (node: TypeNode): Qualifier | undefined =>
  node.kind === 'const' || node.kind === 'volatile' || node.kind === 'restrict'
    ? { word: node.kind, to: node.to }
    : undefined;

/** const, volatile, restrict. */
const MOST_QUALIFIERS = 3;

/** Whether a pointer follows, behind further qualifiers: those stand behind the star. */
function qualifiesPointer({ graph, id }: TypeRef): boolean {
  let node = graph.node(id);
  for (let step = 0; step < MOST_QUALIFIERS; step++) {
    const qualifier = qualifierOf(node);
    if (qualifier === undefined) break;
    node = graph.node(qualifier.to);
  }
  return node.kind === 'pointer';
}

function spellParameters(prototype: Prototype, graph: TypeGraph, budget: Budget): string {
  const parameters: string[] = [];
  for (const { type } of prototype.parameters) {
    if (budget.steps > 0) parameters.push(spell({ graph, id: type }, '', budget));
  }
  if (prototype.variadic) parameters.push('...');
  return parameters.join(', ') || 'void';
}

/** `struct a *b`, but `struct a` alone. */
const join = (base: string, declarator: string): string =>
  declarator === '' ? base : `${base} ${declarator.trimStart()}`;

function spellBase(node: TypeNode): string {
  if (node.kind === 'struct' || node.kind === 'union' || node.kind === 'enum') {
    return `${node.kind} ${node.name === '' ? '{...}' : node.name}`;
  }
  if (node.kind === 'forward') return `${node.of} ${node.name}`;
  if (node.kind === 'void') return 'void';
  if (node.kind === 'int') return SHORT_NAMES.get(node.name) ?? node.name;
  return 'name' in node ? node.name : '?';
}
