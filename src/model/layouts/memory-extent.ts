import type { KernelMemory } from '../memory/kernel-memory.ts';
import { MemoryFault } from '../memory/memory-fault.ts';

/** Stretches that have no bytes are known to the page at the most; half of a page is never missing. */
const PIECE = 4096;

/** A stretch of memory as far as it is in the dump. */
export interface MemoryExtent {
  readonly address: bigint;
  /** Zeros where there is nothing. */
  readonly bytes: Uint8Array;
  /** Why a part of it has no bytes; undefined where all of it has. */
  missing(offset: number, size: number): MemoryFault | undefined;
}

/** Throws MemoryFault where not a byte is to be had. */
export function readExtent(memory: KernelMemory, address: bigint, size: number): MemoryExtent {
  const whole = memory.tryRead(address, size);
  if (whole !== undefined) return { address, bytes: whole, missing: () => undefined };
  const bytes = new Uint8Array(size);
  const ahead = Number(BigInt.asUintN(64, address) % BigInt(PIECE));
  const faults: (MemoryFault | undefined)[] = [];
  for (let from = 0; from < size;) {
    const to = Math.min(size, from + PIECE - ((ahead + from) % PIECE));
    faults.push(readPiece(memory, BigInt.asUintN(64, address + BigInt(from)), bytes.subarray(from, to)));
    from = to;
  }
  const [first] = faults;
  if (first !== undefined && !faults.includes(undefined)) throw first;
  return {
    address,
    bytes,
    missing(offset, length) {
      const last = Math.floor((ahead + offset + Math.max(length, 1) - 1) / PIECE);
      for (let piece = Math.floor((ahead + offset) / PIECE); piece <= last; piece++) {
        if (faults[piece] !== undefined) return faults[piece];
      }
      return undefined;
    },
  };
}

function readPiece(memory: KernelMemory, address: bigint, target: Uint8Array): MemoryFault | undefined {
  try {
    target.set(memory.read(address, target.length));
    return undefined;
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return cause;
  }
}
