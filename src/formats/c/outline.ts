import type { Problem } from '../../base/errors.ts';

/** What stands at the top level of a C file, found by brackets alone: bodies are parsed when somebody asks for them. */
export interface Outline {
  readonly functions: readonly FunctionOutline[];
  readonly tables: readonly TableOutline[];
  readonly macros: readonly MacroUse[];
  readonly problems: readonly Problem[];
}

export interface FunctionOutline {
  readonly name: string;
  readonly isStatic: boolean;
  /** The return type as written, attributes included. */
  readonly returns: string;
  readonly parameters: readonly Parameter[];
  /** Offsets of the head, and of the braces around the body. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
  /** Names that stand before a bracket in the body: calls and macros, each once. */
  readonly calls: ReadonlySet<string>;
}

export interface Parameter {
  readonly name: string;
  readonly type: string;
}

/** An initialiser with designated members: `static const struct proc_ops x = { .proc_open = y }`. */
export interface TableOutline {
  /** The tag of its struct. */
  readonly type: string;
  readonly name: string;
  readonly at: number;
  readonly members: readonly TableMember[];
}

export interface TableMember {
  readonly name: string;
  /** Its value where that is one name. */
  readonly value: string;
  readonly at: number;
}

/** A macro at the top level: `module_init(x);`, `DEFINE_SHOW_ATTRIBUTE(x);`. */
export interface MacroUse {
  readonly name: string;
  readonly args: readonly string[];
  readonly at: number;
}
