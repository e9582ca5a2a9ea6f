import { ledgerTrouble } from '../pipeline/serve/ledger.ts';

/** Milliseconds for which nothing is written after the database was found locked: who waits for it holds up every page. */
const PAUSE = 5000;

/** What is wrong with the database while the server runs: told once, and once that it is over. Nothing ends by it. */
export class StoreTrouble {
  readonly #tell: (line: string) => void;
  #why: string | undefined;
  #lockedUntil = 0;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Undefined for a write that came to pass. */
  note(why: string | undefined): void {
    if (why !== undefined && why !== this.#why) this.#tell(`the database cannot be used: ${why}`);
    if (why === undefined && this.#why !== undefined) this.#tell('the database can be used again');
    this.#why = why;
  }

  /** Another program held the database. */
  noteLocked(): void {
    this.#lockedUntil = performance.now() + PAUSE;
  }

  get isLocked(): boolean {
    return performance.now() < this.#lockedUntil;
  }

  /** Work that nobody waits for; false where the database cannot be used. */
  attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (cause) {
      this.take(cause);
      return false;
    }
  }

  /** Notes what was thrown; throws it again where it is not about the database. */
  take(cause: unknown): void {
    const why = ledgerTrouble(cause);
    if (why === undefined) throw cause;
    this.note(why);
  }
}
