import type { MemberLayout } from './struct-layout.ts';
import { nodeOf, POINTER_SIZE, strip, type TypeRef } from './type-ref.ts';

/** How a number lies in memory, little-endian. Bytes from the start of the struct. */
export interface Scalar {
  readonly offset: number;
  /** 1 to 8; of a bit field, the bytes that its bits lie in: up to 9. */
  readonly size: number;
  readonly signed: boolean;
  /** Of a bit field, from the lowest bit of the byte at `offset`. */
  readonly bitOffset?: number;
  readonly bitSize?: number;
}

/** Wrappers around a number that are unwrapped: atomic_t, refcount_t, pgd_t, memdesc_flags_t. */
const MOST_WRAPPERS = 8;

/** The number that a member is or wraps; undefined for what is none. */
export function scalarOf(member: MemberLayout): Scalar | undefined {
  const number = unwrap(member.type);
  if (number === undefined) return undefined;
  const { offset, bitOffset, bitSize } = member;
  if (bitOffset !== undefined && bitSize !== undefined) {
    return { offset, size: member.size, signed: number.signed, bitOffset, bitSize };
  }
  return { offset, size: number.size, signed: number.signed };
}

/** Kernel types become wrapped in a struct of one member so that they are not mixed up; their value stays the same. */
function unwrap(type: TypeRef): { readonly size: number; readonly signed: boolean } | undefined {
  let at = strip(type);
  for (let step = 0; step < MOST_WRAPPERS; step++) {
    const node = nodeOf(at);
    if (node.kind === 'pointer') return { size: POINTER_SIZE, signed: false };
    if (node.kind === 'enum') return { size: node.size, signed: node.values.some(({ value }) => value < 0n) };
    if (node.kind === 'int') return node.size > 8 ? undefined : { size: node.size, signed: node.encoding === 'signed' };
    const only = node.kind === 'struct' && node.members.length === 1 ? node.members[0] : undefined;
    if (only === undefined || only.bitOffset !== 0 || only.bitSize !== undefined) return undefined;
    at = strip({ graph: at.graph, id: only.type });
  }
  return undefined;
}

/**
 * The number at `start` + the offset of the scalar. 64-bit numbers beyond 2^53 are rounded; `readBig` is exact. The caller
 * sees to it that the bytes are there.
 */
export function readNumber(scalar: Scalar, bytes: Uint8Array, start: number): number {
  const { size, signed, bitSize } = scalar;
  const at = start + scalar.offset;
  if (size <= 4) {
    const word = lowWord(bytes, at, size);
    if (bitSize === undefined) return signed ? extend(word, size * 8) : word;
    const bits = (word >>> (scalar.bitOffset ?? 0)) & (bitSize >= 32 ? -1 : 2 ** bitSize - 1);
    return signed ? extend(bits >>> 0, bitSize) : bits >>> 0;
  }
  if (size === 8 && bitSize === undefined) {
    const high = lowWord(bytes, at + 4, 4);
    return (signed ? high | 0 : high) * 2 ** 32 + lowWord(bytes, at, 4);
  }
  return Number(readBig(scalar, bytes, start));
}

/** Exact, with its sign. */
export function readBig(scalar: Scalar, bytes: Uint8Array, start: number): bigint {
  const { size, signed } = scalar;
  const at = start + scalar.offset;
  let value = 0n;
  for (let i = size - (size % 4 || 4); i >= 0; i -= 4) {
    value = (value << 32n) | BigInt(lowWord(bytes, at + i, Math.min(4, size - i)));
  }
  const bits = scalar.bitSize ?? size * 8;
  const shifted = value >> BigInt(scalar.bitOffset ?? 0);
  return signed ? BigInt.asIntN(bits, shifted) : BigInt.asUintN(bits, shifted);
}

/** Up to four bytes as an unsigned number. */
function lowWord(bytes: Uint8Array, at: number, size: number): number {
  let word = 0;
  for (let i = size - 1; i >= 0; i--) word = word * 256 + (bytes[at + i] ?? 0);
  return word;
}

const extend = (value: number, bits: number): number => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value);
