import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENCODERS } from '../../../testkit/dump/page-encoders.ts';
import { madePage } from '../../../testkit/dump/page-map.ts';
import { ROOT } from '../../../testkit/manifest.ts';
import { unpackLzo } from './lzo.ts';
import type { PageCodec } from './page-codec.ts';
import { unpackSnappy } from './snappy.ts';

const packed = (name: string): Uint8Array => readFileSync(join(ROOT, 'fixtures/compression', name));
/** What fixtures/compression/ORIGIN.md says was packed. */
const SHA256 = 'a286605e5d41c1511bc698fa071c0233ddee6c15331088d5536f25910056d6fb';
const SIZE = 65_536;

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const unpack = (codec: PageCodec, from: Uint8Array, size: number): string => {
  const to = Buffer.alloc(size);
  const made = codec(from, to);
  return made < 0 ? 'damaged' : to.subarray(0, made).toString('latin1');
};

describe.each([
  ['lzo1x-1.bin', unpackLzo],
  ['lzo1x-999.bin', unpackLzo],
  ['snappy.bin', unpackSnappy],
])('what the original library packed: %s', (name, codec) => {
  const from = packed(name);

  it('unpacks to the byte', () => {
    const to = new Uint8Array(SIZE);
    expect(codec(from, to)).toBe(SIZE);
    expect(createHash('sha256').update(to).digest('hex')).toBe(SHA256);
  });

  it('is damaged where a byte is missing, wherever it ends, and where there is one too many', () => {
    const to = new Uint8Array(SIZE);
    for (let end = 0; end < from.length; end += end < 300 ? 1 : 97) expect(codec(from.subarray(0, end), to)).toBe(-1);
    expect(codec(Buffer.concat([from, Buffer.from([0])]), to)).toBe(-1);
  });

  it('writes nothing beyond a target that is too small', () => {
    const behind = new Uint8Array(SIZE + 16).fill(0xa5);
    for (const room of [0, 1, 4095, SIZE - 1]) {
      expect(codec(from, behind.subarray(0, room))).toBe(-1);
      expect(behind.subarray(room).every((byte) => byte === 0xa5)).toBe(true);
    }
  });

  it('ends, and stays within its target, with any byte changed', () => {
    const to = new Uint8Array(SIZE);
    for (let at = 0; at < from.length; at += 41) {
      const changed = Uint8Array.from(from);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(codec(changed, to)).toBeLessThanOrEqual(SIZE);
    }
  });
});

describe.each([
  ['lzo', unpackLzo],
  ['snappy', unpackSnappy],
] as const)('the literal encoder of %s', (name, codec) => {
  it.each([4096, 16_384, 65_536])('makes what unpacks to a page of %i bytes', (size) => {
    const page = madePage(3, size);
    const to = new Uint8Array(size);
    expect(codec(ENCODERS[name](page), to)).toBe(size);
    expect(Buffer.compare(to, page)).toBe(0);
  });
});

describe('LZO', () => {
  it.each([
    ['nothing but the end', '11 00 00', ''],
    ['a run in the first byte', '15 61 62 63 64 11 00 00', 'abcd'],
    ['few literals in the first byte, then a near copy', '13 61 62 60 00 11 00 00', 'abbbbb'],
    ['a copy of three bytes that repeats its last byte', '15 61 62 63 64 40 00 11 00 00', 'abcdddd'],
    ['a copy with two literals behind it', '15 61 62 63 64 42 00 78 79 11 00 00', 'abcddddxy'],
    ['a copy of any length from near', '15 61 62 63 64 23 0c 00 11 00 00', 'abcdabcda'],
    ['a short copy after two literals', '15 61 62 63 64 42 00 78 79 04 00 11 00 00', 'abcddddxyxy'],
  ])('unpacks %s', (_, hex, made) => {
    expect(unpack(unpackLzo, bytes(hex), 64)).toBe(made);
  });

  it('repeats one byte over a whole page', () => {
    const zeros = `12 00 20 ${'00 '.repeat(15)} ed 00 00 11 00 00`;
    expect(unpack(unpackLzo, bytes(zeros), 4096)).toBe('\0'.repeat(1 + 2 + 31 + 255 * 15 + 0xed));
  });

  it.each([
    ['nothing at all', ''],
    ['a copy from before the beginning', '15 61 62 63 64 23 40 00 11 00 00'],
    ['a far copy that no page can hold', '15 61 62 63 64 12 00 00 11 00 00'],
    ['a length that has no end', `00 ${'00 '.repeat(200)}`],
    ['something behind the end', '15 61 62 63 64 11 00 00 00'],
  ])('refuses %s', (_, hex) => {
    expect(unpack(unpackLzo, bytes(hex), 64)).toBe('damaged');
  });
});

describe('snappy', () => {
  it.each([
    ['an empty block', '00', ''],
    ['literals', '03 08 61 62 63', 'abc'],
    ['a copy with a distance of eleven bits', '08 0c 61 62 63 64 01 04', 'abcdabcd'],
    ['a copy with a distance of two bytes, over itself', '09 04 61 62 1a 02 00', 'ababababa'],
    ['a copy with a distance of four bytes', '04 04 61 62 07 02 00 00 00', 'abab'],
  ])('unpacks %s', (_, hex, made) => {
    expect(unpack(unpackSnappy, bytes(hex), 64)).toBe(made);
  });

  it.each([
    ['a length without an end', 'ff ff ff ff ff ff'],
    ['more than was promised', '02 08 61 62 63'],
    ['less than was promised', '04 08 61 62 63'],
    ['a copy from before the beginning', '08 0c 61 62 63 64 01 05'],
    ['a copy from nowhere', '08 0c 61 62 63 64 01 00'],
    ['more than the page holds', '80 80 04 08 61 62 63'],
  ])('refuses %s', (_, hex) => {
    expect(unpack(unpackSnappy, bytes(hex), 64)).toBe('damaged');
  });
});
