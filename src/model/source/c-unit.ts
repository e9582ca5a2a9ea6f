import type { CFunction } from '../../formats/c/records.ts';
import type { FunctionOutline, Outline } from '../../formats/c/outline.ts';

export type { CallExpression, CFunction, Declaration, Expression, Loop, Statement } from '../../formats/c/records.ts';
export type { FunctionOutline, Outline, TableMember, TableOutline } from '../../formats/c/outline.ts';

/** One file of C. The text has a character for each byte. */
export interface CFile {
  /** As the user would name it. */
  readonly name: string;
  readonly text: string;
  readonly outline: Outline;
}

/** A function and the file that defines it. */
export interface CDefinition {
  readonly file: CFile;
  readonly outline: FunctionOutline;
}

/** Files that are read together: a driver, a directory. Calls are followed inside of it. */
export interface CUnit {
  readonly files: readonly CFile[];
  /** The function of that name that `from` would call: one of its own file before those of other files. */
  find(name: string, from: CFile): CDefinition | undefined;
  /** Every function that calls `name`. */
  callers(name: string): readonly CDefinition[];
  /** Parsed when first asked for; undefined where that is not possible, which is then listed as unread. */
  body(definition: CDefinition): CFunction | undefined;
  /** 1 for the first line. */
  line(file: CFile, at: number): number;
}
