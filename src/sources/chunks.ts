/** Bytes as they come. */
export type Chunks = AsyncIterable<Uint8Array>;

/** A stream whose first bytes have been looked at. */
export interface Peeked {
  /** At least as many bytes as asked for, or all there are. */
  readonly head: Uint8Array;
  /** Everything, `head` included. An error met while looking comes after the bytes before it. */
  readonly chunks: Chunks;
  /** Ends the stream below, whether it was read or not. */
  close(): Promise<void>;
}

/** Reads ahead until `size` bytes are there. */
export async function peek(source: Chunks, size: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  let failure: { readonly cause: unknown } | undefined;
  let done = false;
  while (length < size && !done) {
    try {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else if (next.value.length > 0) length += parts[parts.push(next.value) - 1]?.length ?? 0;
    } catch (cause) {
      failure = { cause };
      done = true;
    }
  }
  const [only = new Uint8Array(0)] = parts;
  const head = parts.length > 1 ? Buffer.concat(parts) : only;
  return {
    head,
    chunks: resume(head, iterator, failure),
    close: async () => void (await iterator.return?.(undefined)),
  };
}

async function* resume(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  failure: { readonly cause: unknown } | undefined,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  if (failure) throw failure.cause;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}

/** The same bytes, until an error: then `tell` hears of it and the stream ends. */
export async function* untilDamage(source: Chunks, tell: (cause: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (cause) {
    tell(cause);
  }
}
