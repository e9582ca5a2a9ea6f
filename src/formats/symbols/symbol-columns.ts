import { halvesOf, HIGH, LOW } from './address-halves.ts';
import { namesInOrder, type NameList } from './name-list.ts';

/**
 * Symbols as columns, sorted by address: a kernel has 150,000 of them, too many for objects. Symbols of one address stand
 * in the order of their source, in which the kernel puts the name it would print first.
 */
export interface SymbolColumns {
  readonly count: number;
  readonly addresses: BigUint64Array;
  readonly names: NameList;
  /** nm's letters as character codes: T t text, D d data, B b bss, R r read-only, W w weak, A a absolute. */
  readonly letters: Uint8Array;
  /** Per symbol 0 for the kernel itself, or 1 + an index into `modules`. */
  readonly owners: Uint16Array;
  readonly modules: readonly string[];
}

/** Addresses below are user space, per-CPU offsets and plain numbers. */
export const KERNEL_HALF: bigint = 1n << 63n;

/** Those columns with their symbols sorted; `wanted` are the indices of those to keep, all where it is left out. */
export function sortColumns(columns: SymbolColumns, wanted?: Uint32Array): SymbolColumns {
  const kept = wanted === undefined ? columns : inOrder(columns, wanted);
  const order = sortedOrder(kept.addresses);
  return order === undefined ? kept : inOrder(kept, order);
}

function inOrder(columns: SymbolColumns, order: Uint32Array): SymbolColumns {
  return {
    count: order.length,
    addresses: BigUint64Array.from(order, (from) => columns.addresses[from] ?? 0n),
    names: namesInOrder(columns.names, order),
    letters: Uint8Array.from(order, (from) => columns.letters[from] ?? 0),
    owners: Uint16Array.from(order, (from) => columns.owners[from] ?? 0),
    modules: columns.modules,
  };
}

/**
 * The table as KASLR moved the kernel: every address of the kernel's half plus `delta`. Per-CPU offsets and absolute
 * numbers stay.
 */
export function slide(columns: SymbolColumns, delta: bigint): SymbolColumns {
  if (delta === 0n) return columns;
  const addresses = columns.addresses.map((address) => (address >= KERNEL_HALF ? address + delta : address));
  return sortColumns({ ...columns, addresses });
}

export function isSorted(addresses: BigUint64Array): boolean {
  const halves = halvesOf(addresses);
  let lastHigh = 0;
  let lastLow = 0;
  for (let i = 0; i < halves.length; i += 2) {
    const high = halves[i + HIGH] ?? 0;
    const low = halves[i + LOW] ?? 0;
    if (high < lastHigh || (high === lastHigh && low < lastLow)) return false;
    lastHigh = high;
    lastLow = low;
  }
  return true;
}

/** The order that sorts symbols by address and keeps the order of those of one address; undefined where they are sorted. */
function sortedOrder(addresses: BigUint64Array): Uint32Array | undefined {
  if (isSorted(addresses)) return undefined;
  const places = 2 ** Math.ceil(Math.log2(addresses.length + 1));
  const low = addresses.reduce((least, address) => (address < least ? address : least));
  const high = addresses.reduce((most, address) => (address > most ? address : most));
  // Sorting numbers that hold the address and the place is ten times as fast as sorting by a comparison of bigints.
  if (high - low < BigInt(Math.floor(Number.MAX_SAFE_INTEGER / places))) {
    const keys = Float64Array.from(addresses, (address, i) => Number(address - low) * places + i).sort();
    return Uint32Array.from(keys, (key) => key % places);
  }
  const order = Uint32Array.from(addresses, (_, i) => i);
  return order.sort((a, b) => compare(addresses[a] ?? 0n, addresses[b] ?? 0n) || a - b);
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
