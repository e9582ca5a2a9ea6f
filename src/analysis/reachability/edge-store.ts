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

  /** What is kept, for another thread; the last piece may have room left. */
  get pieces(): readonly Uint32Array[] {
    return this.#pieces;
  }

  /** Of pieces that another thread filled. */
  static of(pieces: readonly Uint32Array[], length: number): EdgeStore {
    const store = new EdgeStore();
    store.#pieces.push(...pieces);
    store.#piece = pieces.at(-1) ?? store.#piece;
    store.#used = pieces.length === 0 ? PIECE : length - (pieces.length - 1) * PIECE;
    store.length = length;
    return store;
  }

  /** Appends entries `from` up to `to` of another. */
  append(other: EdgeStore, from: number, to: number): void {
    for (let at = from; at < to;) {
      const [piece, within] = [other.#pieces[at >>> 20], at & (PIECE - 1)];
      // One by one where a piece is full or there is none: push makes the next.
      const count = Math.min(to - at, PIECE - within, PIECE - this.#used);
      if (count === 0 || !piece) this.push(other.at(at++));
      else {
        this.#piece.set(piece.subarray(within, within + count), this.#used);
        this.#used += count;
        this.length += count;
        at += count;
      }
    }
  }

  at(i: number): number {
    return this.#pieces[i >>> 20]?.[i & (PIECE - 1)] ?? 0;
  }
}
