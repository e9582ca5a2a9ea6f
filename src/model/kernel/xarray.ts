import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';

/** include/linux/xarray.h: an entry with these low bits leads to a node, or is one of the array's own marks. */
const INTERNAL = 2n;
const LOW_BITS = 3n;
/** Internal entries below are marks: deleted, retry, zero. */
const SMALLEST_NODE = 4096n;
/** 64 bits in nodes of at least 4. */
const DEEPEST = 16;
const MOST = 1_000_000;

/** The pointers in a struct xarray (4.20; the radix tree before it is laid out alike), in the order of their numbers. */
export function* walkXarray({ memory, layouts }: Kernel, xarray: bigint): Generator<bigint> {
  const head = layouts.firstOf('xarray', ['xa_head'])?.offset;
  const slots = layouts.member('xa_node', 'slots');
  if (head === undefined || !slots) return;
  const count = Math.floor(slots.size / 8);
  let left = MOST;
  function* below(entry: bigint, depth: number): Generator<bigint> {
    if (entry === 0n || left-- <= 0) return;
    if ((entry & LOW_BITS) !== INTERNAL) {
      yield entry;
      return;
    }
    if (entry < SMALLEST_NODE || depth > DEEPEST) return;
    const at = entry - INTERNAL + BigInt(slots?.offset ?? 0);
    for (let i = 0; i < count; i++) yield* below(ifThere(() => memory.u64(at + BigInt(i * 8))) ?? 0n, depth + 1);
  }
  yield* below(ifThere(() => memory.u64(xarray + BigInt(head))) ?? 0n, 0);
}
