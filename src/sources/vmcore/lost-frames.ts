/** Frames remembered one by one; of a dump with more, the number and the first million tell enough. */
const MOST_FRAMES = 1_000_000;

/** Frames that a container claims to have, and that turned out to be unreadable. */
export class LostFrames {
  readonly #frames = new Set<number>();

  get count(): number {
    return this.#frames.size;
  }

  has(frame: number): boolean {
    return this.#frames.size > 0 && this.#frames.has(frame);
  }

  add(frame: number): void {
    if (this.#frames.size < MOST_FRAMES) this.#frames.add(frame);
  }
}
