import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { codeConstants } from './code-constants.ts';

const TEXT = 4096;
const TABLE = MADE_BASE + 0x3040n;

function made(code: readonly number[], machine: 'x86-64' | 'aarch64' = 'x86-64'): readonly bigint[] {
  const kernel = new MadeKernel(8, {});
  kernel.symbols.set('_stext', MADE_BASE + BigInt(TEXT));
  kernel.symbols.set('_etext', MADE_BASE + BigInt(2 * TEXT));
  kernel.symbols.set('__start_runtime_ptr_dentry_hashtable', MADE_BASE);
  kernel.bytes.set(code, TEXT + 33);
  return codeConstants({ ...kernel.kernel, machine });
}

const bytesOf = (value: bigint): readonly number[] => [...new Uint8Array(BigUint64Array.of(value).buffer)];

describe('pointers that stand in code alone', () => {
  it('are the immediates of movabs that lie in the direct map, on no boundary', () => {
    expect(made([0x90, 0x48, 0xb8, ...bytesOf(TABLE), 0x49, 0xbf, ...bytesOf(TABLE + 8n)])).toEqual([
      TABLE,
      TABLE + 8n,
    ]);
  });

  it('are no numbers that look so, and no addresses beyond memory', () => {
    expect(made([0x90, 0x90, ...bytesOf(TABLE)])).toEqual([]);
    expect(made([0x48, 0xb8, ...bytesOf(MADE_BASE + 2n ** 40n)])).toEqual([]);
  });

  it('are put together of four instructions on arm64', () => {
    const words = [0xd2800000, 0xf2a00000, 0xf2c00000, 0xf2e00000].map(
      (opcode, i) => (opcode | (Number((TABLE >> BigInt(i * 16)) & 0xffffn) << 5) | 3) >>> 0,
    );
    const other = words.with(2, ((words[2] ?? 0) | 4) >>> 0);
    const code = [...other, ...words].flatMap((word) => [
      word & 255,
      (word >>> 8) & 255,
      (word >>> 16) & 255,
      word >>> 24,
    ]);
    expect(made([0, 0, 0, ...code], 'aarch64')).toEqual([TABLE]);
  });

  it('are not looked for where the kernel has none', () => {
    const kernel = new MadeKernel(8, {});
    kernel.symbols.set('_stext', MADE_BASE);
    kernel.symbols.set('_etext', MADE_BASE + 4096n);
    expect(codeConstants(kernel.kernel)).toEqual([]);
  });
});
