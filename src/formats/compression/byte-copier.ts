/** From this many bytes on, a built-in copy is cheaper than a loop. */
const LONG = 48;

/**
 * What LZO and snappy have in common: bytes that are taken over as they are, and copies of what was made before. All of it
 * stays within input and output; a step that would not returns false and does nothing.
 */
export class ByteCopier {
  /** Bytes of the input that were used; beyond its end where the input was too short. */
  at = 0;
  /** Bytes of the output that were made. */
  made = 0;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly #most: number;

  /** `most`: bytes of `to` that may be used. */
  constructor(from: Uint8Array, to: Uint8Array, most: number) {
    this.from = from;
    this.to = to;
    this.#most = most;
  }

  /** The next byte of the input; 0 behind its end. */
  next(): number {
    return this.from[this.at++] ?? 0;
  }

  /** Takes over bytes of the input. */
  take(count: number): boolean {
    const { from, to, at, made } = this;
    if (at + count > from.length || made + count > this.#most) return false;
    if (count >= LONG) to.set(from.subarray(at, at + count), made);
    else for (let i = 0; i < count; i++) to[made + i] = from[at + i] ?? 0;
    this.at += count;
    this.made += count;
    return true;
  }

  /** Repeats bytes of the output from `back` before its end on; they may run into the copy itself. */
  repeat(back: number, count: number): boolean {
    const { to, made } = this;
    if (back <= 0 || back > made || this.at > this.from.length || made + count > this.#most) return false;
    const start = made - back;
    if (count < LONG) for (let i = 0; i < count; i++) to[made + i] = to[start + i] ?? 0;
    else if (back === 1) to.fill(to[start] ?? 0, made, made + count);
    else if (back >= count) to.copyWithin(made, start, start + count);
    else this.#repeatOver(start, count);
    this.made += count;
    return true;
  }

  /** Each step doubles what can be copied at once. */
  #repeatOver(start: number, count: number): void {
    const { to, made } = this;
    for (let done = 0; done < count;) {
      const step = Math.min(count - done, made + done - start);
      to.copyWithin(made + done, start, start + step);
      done += step;
    }
  }
}
