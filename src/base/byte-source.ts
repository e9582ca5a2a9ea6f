/**
 * Anything with a length that can be read at any offset: a file, several parts of one, a flattened dump seen as what it
 * unfolds to. Reading is synchronous: a walk over kernel memory follows pointers, and cannot go on before it has the next.
 */
export interface ByteSource {
  /** As the user wrote it; for messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `target` from `offset` on. Returns how many bytes there were: fewer than asked for only at the end. */
  read(offset: number, target: Uint8Array): number;
}
