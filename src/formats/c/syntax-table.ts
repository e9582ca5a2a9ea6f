/**
 * The syntax of one piece of C, as columns: node after node in the order of the text, a node before what it holds. A port:
 * sources fill it, formats read records out of it, and nothing above knows who parsed.
 *
 * Valid until the next piece is parsed: columns are used again. Brackets, commas and semicolons are left out; operators and keywords are there, by their own text as kind.
 */
export interface SyntaxTable {
  /** What was parsed. */
  readonly text: string;
  readonly count: number;
  /** For each node the index of its kind in `kinds`. */
  readonly kind: Uint16Array;
  /** Offsets into `text`. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** The first node behind this one and all that it holds. */
  readonly after: Uint32Array;
  /** Names of kinds as the grammar has them: `if_statement`, `call_expression`, `==`. The first is `ERROR`: what is no C. */
  readonly kinds: readonly string[];
}

/** Parses one piece of C; undefined where it takes too long, with nothing else lost. */
export type ParseSyntax = (text: string) => SyntaxTable | undefined;
