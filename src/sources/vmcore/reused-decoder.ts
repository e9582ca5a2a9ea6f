import type { PageCodec } from '../../formats/compression/page-codec.ts';

/** What a stream of node:zlib drives: `writeSync(flush, in, inOffset, inLength, out, outOffset, outLength)` and `reset()`. */
interface Handle {
  readonly writeSync: (...step: readonly unknown[]) => unknown;
  readonly reset: () => unknown;
}

interface Decoder {
  readonly handle: Handle;
  /** What a step left: room in the output, bytes of the input. */
  readonly left: Uint32Array;
  failed: boolean;
}

/**
 * A codec that keeps one decoder of node:zlib for all pages, at half the cost of inflateSync, which makes and frees one
 * for each. It uses the stream's handle, which Node does not document: undefined where that is not as expected, and the
 * caller goes by the documented functions. `flush`: what the stream uses for a last step.
 */
export function reuseDecoder(makeStream: () => object, flush: number): PageCodec | undefined {
  let decoder = open(makeStream());
  let output: Uint8Array = new Uint8Array(0);
  const codec: PageCodec = (from, to) => {
    // zstd's does not recover from damage; a new one costs little beside it.
    decoder ??= open(makeStream());
    if (decoder === undefined) return -1;
    // Room for one byte more than the page: a decoder that fills it has not come to its end.
    if (output.length !== to.length + 1) output = new Uint8Array(to.length + 1);
    const { handle, left } = decoder;
    handle.reset();
    handle.writeSync(flush, from, 0, from.length, output, 0, output.length);
    const made = output.length - (left[0] ?? 0);
    if (decoder.failed || made > to.length) {
      decoder = undefined;
      return -1;
    }
    to.set(output.subarray(0, made));
    return made;
  };
  return decoder && codec;
}

function open(stream: object): Decoder | undefined {
  const handle: unknown = Reflect.get(stream, '_handle');
  const left: unknown = Reflect.get(stream, '_writeState');
  if (!isHandle(handle) || !(left instanceof Uint32Array) || left.length < 2) return undefined;
  const decoder: Decoder = { handle, left, failed: false };
  const noted = Reflect.set(handle, 'onerror', () => {
    decoder.failed = true;
  });
  return noted ? decoder : undefined;
}

const isHandle = (value: unknown): value is Handle =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'writeSync') === 'function' &&
  typeof Reflect.get(value, 'reset') === 'function';
