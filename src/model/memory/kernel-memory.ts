import type { PhysicalMemory } from './physical-memory.ts';

/** A page of the kernel's address space as its tables map it. Sizes and physical addresses in bytes. */
export interface Mapping {
  readonly virtual: bigint;
  readonly physical: number;
  readonly size: number;
}

/**
 * Memory by kernel virtual address. Reads throw MemoryFault where a byte is not to be had; `translate` and `tryRead` do
 * not throw.
 */
export interface KernelMemory {
  readonly physical: PhysicalMemory;
  /** Bytes in a page of the kernel: 4096, 16384 or 65536. */
  readonly pageSize: number;
  /** Physical address, or undefined where nothing is mapped. */
  translate(address: bigint): number | undefined;
  /** A fresh array of exactly `length` bytes. */
  read(address: bigint, length: number): Uint8Array;
  tryRead(address: bigint, length: number): Uint8Array | undefined;
  u8(address: bigint): number;
  u16(address: bigint): number;
  u32(address: bigint): number;
  i32(address: bigint): number;
  u64(address: bigint): bigint;
  /** NUL-terminated, at most `most` bytes; kernel text is hostile, escape before showing. */
  string(address: bigint, most?: number): string;
}
