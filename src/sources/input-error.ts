/**
 * An input that cannot be opened at all, or whose kind is refused: what it is, where, and what to do about it, in one
 * line. Damage further in is an `Unread` instead, and what came before it is kept.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** The input as the user wrote it. */
  readonly input: string;

  constructor(input: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${input}: ${problem}; ${remedy}`, options);
    this.input = input;
  }
}
