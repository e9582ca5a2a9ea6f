/** Bytes of pages kept. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** Pages by frame, in one block of memory. Each frame has one place, and replaces what was there. */
export class PageCache {
  readonly #pageSize: number;
  readonly #memory: Uint8Array = new Uint8Array(CACHE_BYTES);
  readonly #pages: (Uint8Array | undefined)[] = [];
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
    const start = place * this.#pageSize;
    return (this.#pages[place] ??= this.#memory.subarray(start, start + this.#pageSize));
  }

  keep(frame: number): void {
    this.#frames[frame & this.#mask] = frame;
  }
}
