import type { Kernel } from './kernel.ts';

/** Where such a constant was first used; without the symbol there are none, and code need not be read. */
const FIRST = '__start_runtime_ptr_dentry_hashtable';
/** No kernel has more code. */
const MOST_TEXT = 2n ** 28n;
const CHUNK = 2 ** 20;
/** The longest instruction sequence that is looked for, in bytes: what may begin in one chunk and end in the next. */
const LONGEST = 16;
const MOST_FOUND = 100_000;

/**
 * Addresses of the direct map that stand in the kernel's code and perhaps nowhere else: pointers that are patched into it at
 * boot (runtime_const_ptr, since 6.11, commit e3c92e81711d), to tables that are made once. The list of patched places is thrown
 * away after boot, so they are found by the instructions that load them.
 */
export function codeConstants(kernel: Kernel): readonly bigint[] {
  const { symbols, memory, machine, directMap } = kernel;
  const [start, end] = [symbols.find('_stext'), symbols.find('_etext')];
  if (symbols.find(FIRST) === undefined || !directMap || start === undefined || end === undefined) return [];
  if (end <= start || end - start > MOST_TEXT) return [];
  const found = new Set<bigint>();
  const take = (low: number, high: number): void => {
    const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    if (value >= directMap.virtual && value < directMap.virtual + directMap.size && found.size < MOST_FOUND)
      found.add(value);
  };
  const last = directMap.virtual + directMap.size - 1n;
  const tops = new Set([directMap.virtual, last].map((address) => Number(BigInt.asUintN(64, address) >> 48n)));
  const look = machine === 'x86-64' ? lookForImmediates : lookForMoves;
  for (let at = start; at < end; at += BigInt(CHUNK)) {
    const length = Math.min(CHUNK + LONGEST, Number(end - at));
    const bytes = memory.tryRead(at, length);
    if (bytes) for (const top of tops) look(bytes, top, take);
  }
  return [...found];
}

/** x86-64: `movabs $imm64, %reg`, a prefix of 48 or 49 and an opcode of b8 to bf. `top`: the upper 16 bits of what is looked for. */
function lookForImmediates(code: Uint8Array, top: number, take: (low: number, high: number) => void): void {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const bytes = Buffer.from(code.buffer, code.byteOffset, code.byteLength);
  const wanted = Buffer.from([top & 0xff, top >>> 8]);
  for (let i = bytes.indexOf(wanted, 8); i >= 0; i = bytes.indexOf(wanted, i + 1)) {
    const [prefix, opcode] = [code[i - 8] ?? 0, code[i - 7] ?? 0];
    if ((prefix & 0xfe) === 0x48 && (opcode & 0xf8) === 0xb8)
      take(view.getUint32(i - 6, true), view.getUint32(i - 2, true));
  }
}

/** movz, and movk for bits 16, 32 and 48. */
const OPCODES = [0xd2800000, 0xf2a00000, 0xf2c00000, 0xf2e00000] as const;
/** Where the 16 bits begin, above the register. */
const IMM16 = 5;
/** Without the 16 bits and the register. */
const OPCODE = 0xffe00000;

/** arm64: movz and three movk of the same register, 16 bits each. */
function lookForMoves(code: Uint8Array, top: number, take: (low: number, high: number) => void): void {
  const words = new Uint32Array(code.slice(0, code.length & ~3).buffer);
  const lastWord = (OPCODES[3] | (top << IMM16)) >>> IMM16;
  for (let i = 3; i < words.length; i++) {
    // The last of the four has the upper bits: few words are that one.
    if ((words[i] ?? 0) >>> IMM16 !== lastWord) continue;
    const four = words.subarray(i - 3, i + 1);
    const [first = 0] = four;
    if (four.some((word, k) => (word & OPCODE) >>> 0 !== OPCODES[k] || (word & 31) !== (first & 31))) continue;
    const [a = 0, b = 0, c = 0, d = 0] = four.map((word) => (word >>> IMM16) & 0xffff);
    take(a | (b << 16), c | (d << 16));
  }
}
