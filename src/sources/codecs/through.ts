import type { Transform } from 'node:stream';
import type { Chunks } from '../chunks.ts';

/** Bytes handed to a decoder at once: with its own buffer, all that can be waiting inside it. */
const SLICE = 64 * 1024;
/** Decoded bytes that may wait for the reader before the decoder is held. */
const WAITING = 2 ** 20;

/**
 * Runs bytes through one of node:zlib's decoders. Unlike a pipe, it hands out everything decoded before an error, a
 * stream that was cut off included, since that is often the last thing a dying host wrote.
 */
export async function* through(decoder: Transform, source: Chunks): AsyncGenerator<Uint8Array> {
  const flow = new Flow(decoder);
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += SLICE) {
        flow.write(chunk.subarray(at, at + SLICE));
        yield* flow.untilIdle();
      }
    }
    flow.end();
    yield* flow.untilIdle();
  } finally {
    decoder.destroy();
  }
}

/** A decoder whose output is queued as it appears, and whose error waits until the queue is empty. */
class Flow {
  readonly #decoder: Transform;
  readonly #queue: Uint8Array[] = [];
  #waiting = 0;
  #idle = true;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(decoder: Transform) {
    this.#decoder = decoder;
    decoder.on('data', (chunk: Uint8Array) => {
      this.#queue.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting > WAITING) decoder.pause();
      this.#wake();
    });
    decoder.on('error', (failure) => {
      this.#failure = failure;
      this.#wake();
    });
  }

  write(chunk: Uint8Array): void {
    this.#idle = false;
    this.#decoder.write(chunk, () => this.#rest());
  }

  end(): void {
    this.#idle = false;
    this.#decoder.once('end', () => this.#rest());
    this.#decoder.end();
  }

  /** What comes out until the decoder has dealt with all it was given. */
  async *untilIdle(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.#queue.shift(); chunk; chunk = this.#queue.shift()) {
        this.#waiting -= chunk.length;
        yield chunk;
      }
      if (this.#failure) throw this.#failure;
      if (this.#idle) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#decoder.resume();
      });
    }
  }

  #rest(): void {
    this.#idle = true;
    this.#wake();
  }
}
