/** Gives out frames one block after another. */
export class FrameSupply {
  #next: number;

  constructor(first: number) {
    this.#next = first;
  }

  /** The first frame of a block of 2^order that lies on its own boundary. */
  take(order = 0): number {
    const frame = Math.ceil(this.#next / 2 ** order) * 2 ** order;
    this.#next = frame + 2 ** order;
    return frame;
  }
}
