import { namesIn } from './name-list.ts';
import { sortColumns, type SymbolColumns } from './symbol-columns.ts';

/** More modules than a kernel ever has; beyond, they share the last one's name. */
const MOST_MODULES = 0xfffe;

/** Takes symbols one by one, in any order, and makes columns of them. */
export class SymbolWriter {
  #count = 0;
  #addresses = new BigUint64Array(1024);
  #letters = new Uint8Array(1024);
  #owners = new Uint16Array(1024);
  #starts = new Uint32Array(1025);
  #names = new Uint8Array(32 * 1024);
  readonly #modules: string[] = [];
  readonly #moduleIndex = new Map<string, number>();

  get count(): number {
    return this.#count;
  }

  /** `source` from `start` to `end` is the name; `module` is empty for the kernel itself. */
  add(address: bigint, letter: number, source: Uint8Array, start: number, end: number, module = ''): void {
    const i = this.#count++;
    if (i === this.#addresses.length) this.#grow();
    let to = this.#starts[i] ?? 0;
    while (to + end - start > this.#names.length)
      this.#names = copiedTo(new Uint8Array(this.#names.length * 2), this.#names);
    for (let from = start; from < end; from++) this.#names[to++] = source[from] ?? 0;
    this.#starts[i + 1] = to;
    this.#addresses[i] = address;
    this.#letters[i] = letter;
    this.#owners[i] = module === '' ? 0 : this.#ownerOf(module);
  }

  /** The columns, sorted. The writer may not be used after that. */
  finish(): SymbolColumns {
    const count = this.#count;
    return sortColumns({
      count,
      addresses: this.#addresses.subarray(0, count),
      names: namesIn(this.#names, this.#starts.subarray(0, count + 1)),
      letters: this.#letters.subarray(0, count),
      owners: this.#owners.subarray(0, count),
      modules: this.#modules,
    });
  }

  #grow(): void {
    const size = this.#count * 2;
    this.#addresses = copiedTo(new BigUint64Array(size), this.#addresses);
    this.#letters = copiedTo(new Uint8Array(size), this.#letters);
    this.#owners = copiedTo(new Uint16Array(size), this.#owners);
    this.#starts = copiedTo(new Uint32Array(size + 1), this.#starts);
  }

  #ownerOf(module: string): number {
    const known = this.#moduleIndex.get(module);
    if (known !== undefined) return known;
    if (this.#modules.length === MOST_MODULES) return MOST_MODULES;
    this.#modules.push(module);
    this.#moduleIndex.set(module, this.#modules.length);
    return this.#modules.length;
  }
}

function copiedTo<T extends { readonly buffer: ArrayBuffer }>(fresh: T, old: { readonly buffer: ArrayBuffer }): T {
  new Uint8Array(fresh.buffer).set(new Uint8Array(old.buffer));
  return fresh;
}
