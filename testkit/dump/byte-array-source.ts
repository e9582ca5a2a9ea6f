import type { ByteSource } from '../../src/base/byte-source.ts';

/** Bytes in memory as a file; counts how often it is asked. */
export class ByteArraySource implements ByteSource {
  readonly name: string;
  readonly size: number;
  reads = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = 'vmcore') {
    this.#bytes = bytes;
    this.name = name;
    this.size = bytes.length;
  }

  read(offset: number, target: Uint8Array): number {
    this.reads++;
    const part = this.#bytes.subarray(Math.min(offset, this.size), Math.min(offset + target.length, this.size));
    target.set(part);
    return part.length;
  }
}
