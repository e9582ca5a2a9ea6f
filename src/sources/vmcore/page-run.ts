import type { ByteSource } from '../../base/byte-source.ts';
import { STORED_RAW } from '../../formats/kdump/page-descriptors.ts';

/** Most bytes of a file that are read at once to be unpacked; a power of two above the largest page. */
const STAGED = 512 * 1024;

/** Unpacks a page as its flags say; false where it is damaged. */
export type Unpack = (packed: Uint8Array, flags: number, page: Uint8Array) => boolean;

/**
 * Pages that lie one behind another in the file, read with one call. Stored raw and wanted one behind another they go
 * straight to where they are wanted; else each is unpacked from a buffer.
 */
export class PageRun {
  readonly #pageSize: number;
  readonly #unpack: Unpack;
  #buffer: Uint8Array = new Uint8Array(0);
  readonly #sizes: number[] = [];
  readonly #flags: number[] = [];
  /** Where each page goes in the target. */
  readonly #places: number[] = [];
  #count = 0;
  #start = 0;
  #end = 0;
  #direct = true;

  constructor(pageSize: number, unpack: Unpack) {
    this.#pageSize = pageSize;
    this.#unpack = unpack;
  }

  /** False where the page does not lie behind those that are here: fetch them first. */
  add(offset: number, size: number, flags: number, place: number): boolean {
    const direct =
      flags === STORED_RAW && (this.#count === 0 || place === (this.#places[this.#count - 1] ?? 0) + this.#pageSize);
    if (this.#count === 0) {
      this.#start = this.#end = offset;
      this.#direct = direct;
    } else {
      if (offset !== this.#end || (this.#direct && !direct && this.#count > 1)) return false;
      if (!(this.#direct && direct) && this.#end - this.#start + size > STAGED) return false;
      this.#direct &&= direct;
    }
    this.#sizes[this.#count] = size;
    this.#flags[this.#count] = flags;
    this.#places[this.#count] = place;
    this.#count++;
    this.#end += size;
    return true;
  }

  /** Reads and unpacks what was added, and tells the place of each page that could not be. */
  fetch(source: ByteSource, target: Uint8Array, lost: (place: number) => void): void {
    if (this.#count === 0) return;
    const length = this.#end - this.#start;
    const [place = 0] = this.#places;
    const buffer = this.#direct ? target.subarray(place, place + length) : this.#staged(length);
    const got = source.read(this.#start, buffer);
    for (let i = 0, at = 0; i < this.#count; i++) {
      const size = this.#sizes[i] ?? 0;
      const packed = buffer.subarray(at, at + size);
      // Behind a bad spot of the disk there may be good pages again.
      const held = at + size <= got || source.read(this.#start + at, packed) === size;
      if (!held || (!this.#direct && !this.#unpackTo(target, i, packed))) lost(this.#places[i] ?? 0);
      at += size;
    }
    this.#count = 0;
  }

  /** The buffer is made when the first page needs it. */
  #staged(length: number): Uint8Array {
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(STAGED);
    return this.#buffer.subarray(0, length);
  }

  #unpackTo(target: Uint8Array, i: number, packed: Uint8Array): boolean {
    const place = this.#places[i] ?? 0;
    return this.#unpack(packed, this.#flags[i] ?? 0, target.subarray(place, place + this.#pageSize));
  }
}
