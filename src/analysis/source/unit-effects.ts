import type { CDefinition, CUnit, FunctionOutline } from '../../model/source/c-unit.ts';
import { giverOf } from './api/catalog.ts';
import { surelyFrees } from './api/effects.ts';
import { buildGraph } from './build-graph.ts';
import type { Effects } from './call-effect.ts';
import { simulate } from './simulate.ts';
import { freshState, type ExitClass, type Fate, type Outcome, type ResultFate, type Variables } from './state.ts';
import { readVariables } from './uses.ts';

const KEEP: ResultFate = { zero: 'keep', other: 'keep' };
/** Functions within functions whose fates are asked for. */
const DEEPEST = 4;
const DEEPEST_FREE = 3;
/** Steps for one parameter; what takes more is taken to keep it. */
const MOST_STEPS = 800;

/** What the functions of a unit do with what they are given, worked out when somebody asks. */
export class UnitEffects {
  readonly #unit: CUnit;
  readonly #takes: (name: string) => boolean;
  readonly #variables = new Map<FunctionOutline, Variables | undefined>();
  readonly #fates = new Map<FunctionOutline, Map<number, ResultFate>>();
  readonly #frees = new Map<string, boolean>();
  #depth = 0;

  constructor(unit: CUnit, takes: (name: string) => boolean) {
    this.#unit = unit;
    this.#takes = takes;
  }

  /** Effects as the functions of one file see them. */
  from({ file }: CDefinition): Effects {
    return {
      find: (name) => this.#unit.find(name, file),
      fateOf: (callee, index) => this.#fateOf(callee, index),
      mayFree: (callee, member) => this.#mayFree(callee, member, DEEPEST_FREE),
      calls: (callee, names) => this.#calls(callee, names, DEEPEST_FREE),
      gives: (callee, family) => this.#gives(callee, family, DEEPEST_FREE),
    };
  }

  /** The steps of a function; undefined where it could not be read. */
  variablesOf(definition: CDefinition): Variables | undefined {
    const { outline } = definition;
    if (this.#variables.has(outline)) return this.#variables.get(outline);
    const body = this.#unit.body(definition);
    const graph = body && buildGraph(body, outline.end - 1);
    const names = outline.parameters.map(({ name }) => name);
    const variables = graph && readVariables(graph, names, this.#takes);
    this.#variables.set(outline, variables);
    return variables;
  }

  #fateOf(callee: CDefinition, index: number): ResultFate {
    const { outline } = callee;
    const known = this.#fates.get(outline)?.get(index);
    if (known) return known;
    const fates = this.#fates.get(outline) ?? new Map<number, ResultFate>();
    this.#fates.set(outline, fates);
    // What calls itself is taken to keep what it is given, until it is known.
    fates.set(index, KEEP);
    if (this.#depth >= DEEPEST) {
      fates.delete(index);
      return KEEP;
    }
    this.#depth++;
    const fate = this.#workOut(callee, index);
    this.#depth--;
    fates.set(index, fate);
    return fate;
  }

  #workOut(callee: CDefinition, index: number): ResultFate {
    const parameter = callee.outline.parameters[index]?.name ?? '';
    const variables = this.variablesOf(callee);
    if (!variables || parameter === '') return KEEP;
    const start = freshState(variables.graph.entry, [parameter], new Map([[parameter, 'positive']]));
    const returnsPointer = callee.outline.returns.includes('*');
    const { outcomes, cut } = simulate(
      {
        variables,
        family: undefined,
        call: undefined,
        form: 'parameter',
        effects: this.from(callee),
        returnsPointer,
        most: MOST_STEPS,
      },
      [start],
    );
    if (cut) return KEEP;
    const where = (is: (exit: ExitClass) => boolean): readonly Outcome[] =>
      outcomes.filter((outcome) => exitsOf(outcome).some(is));
    const zero = where(
      (exit) => exit === 'zero' || exit === 'null' || exit === 'void' || (exit === 'other' && !returnsPointer),
    );
    const other = where((exit) => exit === 'error' || exit === 'positive' || exit === 'void' || exit === 'other');
    // What it never returns says nothing: it does then what it always does.
    return {
      zero: together(zero.length > 0 ? zero : other),
      other: together(other.length > 0 ? other : zero),
    };
  }

  #gives(callee: CDefinition, family: string, depth: number): boolean {
    const key = `${callee.file.name}:${callee.outline.name}:=${family}`;
    const known = this.#frees.get(key);
    if (known !== undefined) return known;
    this.#frees.set(key, false);
    const calls = [...callee.outline.calls];
    const found =
      calls.some((name) => giverOf(name)?.families.has(family) === true) ||
      (depth > 0 &&
        calls.some((name) => {
          const next = this.#unit.find(name, callee.file);
          return next !== undefined && this.#gives(next, family, depth - 1);
        }));
    this.#frees.set(key, found);
    return found;
  }

  #calls(callee: CDefinition, names: ReadonlySet<string>, depth: number): boolean {
    const key = `${callee.file.name}:${callee.outline.name}:${depth}:>${[...names].join()}`;
    const known = this.#frees.get(key);
    if (known !== undefined) return known;
    this.#frees.set(key, false);
    const calls = [...callee.outline.calls];
    const found =
      calls.some((name) => names.has(name)) ||
      (depth > 0 &&
        calls.some((name) => {
          const next = this.#unit.find(name, callee.file);
          return next !== undefined && this.#calls(next, names, depth - 1);
        }));
    this.#frees.set(key, found);
    return found;
  }

  #mayFree(callee: CDefinition, member: string, depth: number): boolean {
    const key = `${callee.file.name}:${callee.outline.name}:${member}`;
    const known = this.#frees.get(key);
    if (known !== undefined) return known;
    this.#frees.set(key, false);
    const { file, outline } = callee;
    const calls = [...outline.calls];
    const frees = calls.some((name) => giverOf(name) !== undefined || surelyFrees(name));
    const found =
      (frees && mentions(file.text, outline, member)) ||
      (depth > 0 &&
        [...calls, ...callbacksIn(file.text, outline)].some((name) => {
          const next = this.#unit.find(name, file);
          return next !== undefined && this.#mayFree(next, member, depth - 1);
        }));
    this.#frees.set(key, found);
    return found;
  }
}

/** Names that are the last argument of a put: `kref_put(&p->kref, free_it)`, `call_rcu(&p->rcu, free_it)`. */
function callbacksIn(text: string, { calls, start, end }: FunctionOutline): readonly string[] {
  if (![...calls].some((name) => /put|call_rcu|unref/.test(name))) return [];
  return [...text.slice(start, end).matchAll(/,\s*&?(\w+)\s*\)/g)].map(([, name = '']) => name);
}

function mentions(text: string, { start, end }: FunctionOutline, member: string): boolean {
  for (let i = text.indexOf(member, start); i >= 0 && i < end; i = text.indexOf(member, i + 1)) {
    const [before, after] = [text[i - 1] ?? ' ', text[i + member.length] ?? ' '];
    if (!/[\w$]/.test(before) && !/[\w$]/.test(after)) return true;
  }
  return false;
}

/** How the function may end behind an outcome; where nobody followed it, in any way. */
const ANY: readonly ExitClass[] = ['zero', 'null', 'error', 'other'];
const exitsOf = ({ kind, exit, exits }: Outcome): readonly ExitClass[] =>
  kind === 'released' ? (exits.size > 0 ? [...exits] : ANY) : kind === 'kept' && exit === 'other' ? ANY : [exit];

/** One word for what happens on several paths: what is freed on one of them is not the caller's any more. */
function together(outcomes: readonly Outcome[]): Fate {
  let fate: Fate = 'borrow';
  for (const { kind, state } of outcomes) {
    if (kind === 'released') fate = 'release';
    else if (kind !== 'lost' || state.doubts.length > 0) return 'keep';
  }
  return fate;
}
