/** Bytes of pages kept unpacked. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** Pages by frame in one block of memory; each frame has one place, where it replaces what was there. */
export class PageCache {
  readonly #pages: readonly Uint8Array[];
  readonly #frames: Float64Array;
  readonly #mask: number;

  constructor(pageSize: number) {
    const count = CACHE_BYTES / pageSize;
    const memory = new Uint8Array(CACHE_BYTES);
    this.#pages = Array.from({ length: count }, (_, i) => memory.subarray(i * pageSize, (i + 1) * pageSize));
    this.#frames = new Float64Array(count).fill(-1);
    this.#mask = count - 1;
  }

  get(frame: number): Uint8Array | undefined {
    const place = frame & this.#mask;
    return this.#frames[place] === frame ? this.#pages[place] : undefined;
  }

  /** The place for a frame, to be filled; `keep` says that it was. */
  place(frame: number): Uint8Array {
    const place = frame & this.#mask;
    this.#frames[place] = -1;
    return this.#pages[place] ?? new Uint8Array(0);
  }

  keep(frame: number): void {
    this.#frames[frame & this.#mask] = frame;
  }
}
