/** Entries in a piece: 4 MiB. Doubling one large array would take half as much again while it is copied. */
const PIECE = 2 ** 20;

/** Numbers of nodes, appended one by one, in pieces. */
export class EdgeStore {
  length = 0;
  readonly #pieces: Uint32Array[] = [];
  #piece: Uint32Array = new Uint32Array(0);
  #used: number = PIECE;

  push(node: number): void {
    if (this.#used === PIECE) {
      this.#piece = new Uint32Array(PIECE);
      this.#pieces.push(this.#piece);
      this.#used = 0;
    }
    this.#piece[this.#used++] = node;
    this.length++;
  }

  at(i: number): number {
    return this.#pieces[i >>> 20]?.[i & (PIECE - 1)] ?? 0;
  }
}
