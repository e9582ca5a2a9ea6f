import type { CoreSession } from '../../pipeline/core/session.ts';

/** What a subcommand gives: a document, and the same as text. */
export interface Answer {
  readonly document: object;
  readonly text: () => string;
}

/** `kleak core NAME DUMP …` of the plain kind: a document or its text. */
export interface SubCommand {
  readonly name: string;
  /** After the dump, as commander spells them. */
  readonly args: readonly string[];
  readonly summary: string;
  readonly answer: (session: CoreSession, args: readonly (string | undefined)[]) => Promise<Answer>;
}
