/** Bytes of pages kept, and of a piece of memory for them. */
const CACHE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** Pages by frame. Each frame has one place, and replaces what was there; memory is taken as places come into use. */
export class PageCache {
  readonly #pageSize: number;
  readonly #pages: (Uint8Array | undefined)[] = [];
  readonly #pieces: (Uint8Array | undefined)[] = [];
  readonly #frames: Float64Array;
  readonly #mask: number;

  constructor(pageSize: number) {
    const places = CACHE_BYTES / pageSize;
    this.#pageSize = pageSize;
    this.#frames = new Float64Array(places).fill(-1);
    this.#mask = places - 1;
  }

  get(frame: number): Uint8Array | undefined {
    const place = frame & this.#mask;
    return this.#frames[place] === frame ? this.#pages[place] : undefined;
  }

  /** The place of a frame, to be filled; it holds the frame only once `keep` was told so. */
  place(frame: number): Uint8Array {
    const place = frame & this.#mask;
    this.#frames[place] = -1;
    return (this.#pages[place] ??= this.#take(place * this.#pageSize));
  }

  keep(frame: number): void {
    this.#frames[frame & this.#mask] = frame;
  }

  #take(at: number): Uint8Array {
    const from = at % PIECE_BYTES;
    const piece = (this.#pieces[(at - from) / PIECE_BYTES] ??= new Uint8Array(PIECE_BYTES));
    return piece.subarray(from, from + this.#pageSize);
  }
}
