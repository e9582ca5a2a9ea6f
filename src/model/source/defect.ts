/** What reading a unit of C has shown. Rules judge it; each carries the way that leads there. */

/** One step of a path through the source. */
export interface SourceStep {
  readonly file: string;
  readonly line: number;
  /** What happens there, in words. */
  readonly what: string;
  /** The line as it stands in the file, without its indentation. */
  readonly code: string;
}

/** What every defect has. */
export interface Defect {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly steps: readonly SourceStep[];
  /** The reason of a `kleak-ignore:` comment beside it. */
  readonly ignored?: string;
  /** A part of the function could not be parsed. */
  readonly torn?: true;
}

/** An open function and the release function of the same table, which does not undo it. */
export interface OpenReleaseDefect extends Defect {
  readonly kind: 'open-release';
  /** `proc_ops`, `file_operations`. */
  readonly table: string;
  readonly tableName: string;
  readonly open: string;
  /** What it calls: `single_open`. */
  readonly opens: string;
  /** Undefined where the table has none. */
  readonly release: string | undefined;
  /** What the release function should have been, or called. */
  readonly wanted: string;
  /** The function that shows the content, where open names it. */
  readonly show?: string;
}

export type SourceDefect = OpenReleaseDefect;
