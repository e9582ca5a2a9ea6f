import { closeSync, openSync, writeSync } from 'node:fs';

/** Where a writer of dumps puts its bytes, in any order; what is never written is zeros. */
export interface ByteSink {
  write(offset: number, bytes: Uint8Array): void;
}

/** Keeps the file in memory. */
export class MemorySink implements ByteSink {
  #bytes: Uint8Array = new Uint8Array(65_536);
  #size = 0;

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, offset);
    this.#size = Math.max(this.#size, end);
  }

  /** The file, not a copy of it. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }
}

/** Writes a file; what is skipped takes no room on the disk. */
export class FileSink implements ByteSink {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#fd, bytes, done, bytes.length - done, offset + done);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Makes a flattened dump of what is written to it, in the order it is written: docs/formats/flattened.md. `pieces`: bytes
 * of data in a segment at most.
 */
export class FlattenedSink implements ByteSink {
  readonly #to: ByteSink;
  readonly #pieces: number;
  #at = 4096;

  constructor(to: ByteSink, pieces = 4096) {
    this.#to = to;
    this.#pieces = pieces;
    const header = Buffer.alloc(4096);
    header.write('makedumpfile', 'latin1');
    header.writeBigInt64BE(1n, 16);
    header.writeBigInt64BE(1n, 24);
    to.write(0, header);
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; done += this.#pieces)
      this.#segment(BigInt(offset + done), bytes.subarray(done, done + this.#pieces));
  }

  /** The mark of the end. */
  finish(): void {
    this.#segment(-1n, new Uint8Array(0), -1n);
  }

  #segment(offset: bigint, data: Uint8Array, size = BigInt(data.length)): void {
    const header = Buffer.alloc(16);
    header.writeBigInt64BE(offset, 0);
    header.writeBigInt64BE(size, 8);
    this.#to.write(this.#at, header);
    this.#to.write(this.#at + 16, data);
    this.#at += 16 + data.length;
  }
}

/** The file that a writer makes. */
export function madeBy(write: (sink: ByteSink) => void): Uint8Array {
  const sink = new MemorySink();
  write(sink);
  return sink.bytes();
}

/** The same file in flattened form. */
export const flattenedBy = (write: (sink: ByteSink) => void, pieces?: number): Uint8Array =>
  madeBy((sink) => {
    const flattened = new FlattenedSink(sink, pieces);
    write(flattened);
    flattened.finish();
  });
