/** Whether damage of a stream was told already. What comes out of a damaged stream is damaged too, and no second news. */
export class Damage {
  readonly #outer: Damage | undefined;
  #told = false;

  constructor(outer?: Damage) {
    this.#outer = outer;
  }

  get told(): boolean {
    return this.#told || (this.#outer?.told ?? false);
  }

  mark(): void {
    this.#told = true;
  }
}
