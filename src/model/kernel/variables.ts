import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';

/**
 * Global variables of the kernel by name, as numbers. BTF has no types for them, so the caller says how wide they are.
 * Undefined where no symbol has the name, or the dump lacks the memory.
 */
export const u32Variable = ({ symbols, memory }: Kernel, name: string): number | undefined => {
  const at = symbols.find(name);
  return at === undefined ? undefined : ifThere(() => memory.u32(at));
};

/** A pointer, or an unsigned long that is kept exact. */
export const u64Variable = ({ symbols, memory }: Kernel, name: string): bigint | undefined => {
  const at = symbols.find(name);
  return at === undefined ? undefined : ifThere(() => memory.u64(at));
};

/** A long or an atomic_long_t, with its sign. */
export const longVariable = (kernel: Kernel, name: string): number | undefined => {
  const value = u64Variable(kernel, name);
  return value === undefined ? undefined : Number(BigInt.asIntN(64, value));
};

/** `count` longs from a variable on: an array of atomic_long_t, with their signs. */
export function longsVariable({ symbols, memory }: Kernel, name: string, count: number): readonly number[] | undefined {
  const at = symbols.find(name);
  const bytes = at === undefined ? undefined : memory.tryRead(at, count * 8);
  return bytes && longsIn(bytes);
}

/** Little-endian longs, with their signs. */
export function longsIn(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => Number(view.getBigInt64(i * 8, true)));
}
