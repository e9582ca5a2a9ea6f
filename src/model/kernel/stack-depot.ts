import { readNumber, type Scalar } from '../layouts/scalar.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';
import { u64Variable } from './variables.ts';

/** Return addresses, the innermost function first. */
export type Stack = readonly bigint[];

/** Offsets in a pool are in units of 16 bytes (DEPOT_STACK_ALIGN). */
const ALIGN = 16;
/** CONFIG_STACKDEPOT_MAX_FRAMES is 64; a longer stack is damage. */
const MOST_FRAMES = 256;

/**
 * Stacks by the number that the kernel keeps instead of them (lib/stackdepot.c): where a record lies in a number of pools.
 * Every record says which number it has, and is believed only if that is the one.
 */
export class StackDepot {
  readonly #kernel: Kernel;
  readonly #parts: { readonly pool: Scalar; readonly isPlusOne: boolean; readonly offset: Scalar };
  readonly #record: { readonly size: number; readonly handle: number; readonly entries: number };
  readonly #tables: readonly bigint[];
  readonly #known = new Map<number, Stack | undefined>();

  private constructor(
    kernel: Kernel,
    parts: { readonly pool: Scalar; readonly isPlusOne: boolean; readonly offset: Scalar },
    record: { readonly size: number; readonly handle: number; readonly entries: number },
    tables: readonly bigint[],
  ) {
    this.#kernel = kernel;
    this.#parts = parts;
    this.#record = record;
    this.#tables = tables;
  }

  /** Undefined where the kernel has no depot, or types and symbols do not lead to it. */
  static open(kernel: Kernel): StackDepot | undefined {
    const { layouts, symbols } = kernel;
    const parts = layouts.struct('handle_parts');
    // slabs became pools with 6.3 (commit 424cafee5a24); from 6.9 on (commit a6c1d9cb9a68) no pool has the number 0.
    const pool = parts?.scalar('slabindex|pool_index|pool_index_plus_1');
    const offset = parts?.scalar('offset');
    const record = layouts.struct('stack_record');
    const [size, handle, entries] = ['size', 'handle', 'entries'].map((path) => record?.member(path)?.offset);
    const pools = symbols.find('stack_pools') ?? symbols.find('stack_slabs');
    if (!parts || !pool || !offset || pools === undefined) return undefined;
    if (size === undefined || handle === undefined || entries === undefined) return undefined;
    // An array, or since its length is told at boot a pointer to one.
    const tables = [pools, u64Variable(kernel, 'stack_pools')].filter((table) => table !== undefined);
    return new StackDepot(
      kernel,
      { pool, offset, isPlusOne: parts.has('pool_index_plus_1') },
      { size, handle, entries },
      tables,
    );
  }

  /** The stack of a number; undefined where the dump lacks it, or it is none. */
  stack(handle: number): Stack | undefined {
    if (!this.#known.has(handle)) this.#known.set(handle, this.#read(handle));
    return this.#known.get(handle);
  }

  #read(handle: number): Stack | undefined {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, handle, true);
    const { pool, offset, isPlusOne } = this.#parts;
    const index = readNumber(pool, bytes, 0) - (isPlusOne ? 1 : 0);
    const at = BigInt(readNumber(offset, bytes, 0) * ALIGN);
    if (handle === 0 || index < 0) return undefined;
    for (const table of this.#tables) {
      const stack = ifThere(() => this.#recordAt(this.#kernel.memory.u64(table + BigInt(index * 8)) + at, handle));
      if (stack) return stack;
    }
    return undefined;
  }

  #recordAt(address: bigint, handle: number): Stack | undefined {
    const { memory } = this.#kernel;
    const { size, handle: own, entries } = this.#record;
    const count = memory.u32(address + BigInt(size));
    // Bits for whoever keeps the number (`extra`) are not in the record.
    const difference = memory.u32(address + BigInt(own)) ^ handle;
    if (count === 0 || count > MOST_FRAMES || difference << EXTRA_BITS !== 0) return undefined;
    const view = new DataView(memory.read(address + BigInt(entries), count * 8).buffer);
    return Array.from({ length: count }, (_, i) => view.getBigUint64(i * 8, true));
  }
}

/** STACK_DEPOT_EXTRA_BITS, the uppermost. */
const EXTRA_BITS = 5;
