/** A few of many numbers, spread evenly over all that were added: every one at first, then every second, every fourth … */
export class Spread {
  /** How many were added. */
  seen = 0;
  readonly #most: number;
  #every = 1;
  #kept: number[] = [];

  /** Keeps from `most / 2` to `most` of them. */
  constructor(most: number) {
    this.#most = most;
  }

  add(item: number): void {
    if (this.seen++ % this.#every !== 0) return;
    this.#kept.push(item);
    if (this.#kept.length <= this.#most) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }

  get items(): readonly number[] {
    return this.#kept;
  }
}

/** `most` of the items, spread evenly. */
export function thin(items: readonly number[], most: number): readonly number[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] ?? 0);
}
