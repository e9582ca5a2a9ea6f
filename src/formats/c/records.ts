/** C as records: what a reader of leaks needs of a function, without types and without layout. Offsets are into the file. */

export type Expression =
  | { readonly kind: 'name'; readonly name: string }
  /** Numbers, strings, characters; NULL and the like by their text. */
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly base: Expression; readonly name: string; readonly arrow: boolean }
  | { readonly kind: 'index'; readonly base: Expression; readonly index: Expression }
  | CallExpression
  | { readonly kind: 'unary'; readonly op: string; readonly of: Expression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | AssignExpression
  /** `test ? yes : no`; GNU's `test ?: no` has no `yes`. */
  | {
      readonly kind: 'choice';
      readonly test: Expression;
      readonly yes?: Expression;
      readonly no: Expression;
    }
  | { readonly kind: 'cast'; readonly of: Expression }
  /** An initialiser in braces, or what could not be told apart further. */
  | { readonly kind: 'parts'; readonly parts: readonly Expression[]; readonly names?: readonly (string | undefined)[] }
  | { readonly kind: 'comma'; readonly parts: readonly Expression[] }
  /** GNU's statement expression. */
  | { readonly kind: 'block'; readonly body: readonly Statement[] };

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly at: number;
}

export interface AssignExpression {
  readonly kind: 'assign';
  /** `=`, `+=`, … */
  readonly op: string;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

export type Statement =
  | { readonly kind: 'expression'; readonly value: Expression; readonly at: number }
  | Declaration
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
      readonly at: number;
    }
  | Loop
  | { readonly kind: 'switch'; readonly value: Expression; readonly body: readonly Statement[]; readonly at: number }
  /** Stands before its statements, as a label; `default` has no value. */
  | { readonly kind: 'case'; readonly value?: Expression; readonly at: number }
  | { readonly kind: 'label'; readonly name: string; readonly at: number }
  | { readonly kind: 'goto'; readonly name: string; readonly at: number }
  | { readonly kind: 'return'; readonly value?: Expression; readonly at: number }
  | { readonly kind: 'break' | 'continue'; readonly at: number }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  /** Branches of #if: one of them is there, or none where none has no condition. */
  | { readonly kind: 'either'; readonly branches: readonly ConditionalBranch[]; readonly at: number }
  /** Could not be parsed. */
  | { readonly kind: 'broken'; readonly at: number };

export interface ConditionalBranch {
  /** As written; undefined for #else. */
  readonly condition: string | undefined;
  readonly body: readonly Statement[];
}

export interface Declaration {
  readonly kind: 'declare';
  readonly name: string;
  readonly type: string;
  readonly value?: Expression;
  /** An array, a static variable, one that is cleaned up when its scope ends. */
  readonly form: 'plain' | 'array' | 'static' | 'cleanup';
  readonly pointer: boolean;
  readonly at: number;
}

export interface Loop {
  readonly kind: 'loop';
  /** `macro`: list_for_each_entry() and its like. */
  readonly form: 'while' | 'do' | 'for' | 'macro';
  readonly start: readonly Statement[];
  readonly test?: Expression;
  readonly step?: Expression;
  readonly body: readonly Statement[];
  readonly macro?: { readonly name: string; readonly args: readonly Expression[] };
  readonly at: number;
}

export interface CFunction {
  readonly name: string;
  readonly body: readonly Statement[];
  /** Where a part could not be parsed. */
  readonly broken: readonly number[];
}
