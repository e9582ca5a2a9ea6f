import { describe, expect, it } from 'vitest';
import { isShared, isTextWord, SHAPE, shapeOf, WORD, classOf, detailOf } from './word-codes.ts';

const shape = (value: bigint): number => {
  const code = shapeOf(Number(value & 0xffffffffn), Number(value >> 32n));
  expect(classOf(code)).toBe(WORD.shape);
  return detailOf(code);
};

describe('words that are no pointers', () => {
  it.each([
    ['nothing', 0n, SHAPE.zero],
    ['a number', 42n, SHAPE.int],
    ['a digit, which may be a number too', 0x32n, SHAPE.int],
    ['a large number', 0x0123456789abcdefn, SHAPE.long],
    ['text', 0x6e61632d6b6c6177n, SHAPE.text],
    ['text that ends', 0x646c6fn, SHAPE.text],
    ['a byte over and over', 0xa5a5a5a5a5a5a5a5n, SHAPE.fill + 0xa5],
  ])('look like %s', (_, value, expected) => {
    expect(shape(value)).toBe(expected);
  });

  it('are no text where a byte cannot be printed', () => {
    expect(isTextWord(0x61620061, 0)).toBe(false);
    expect(isTextWord(0x61626364, 0x00010203)).toBe(false);
  });
});

describe('caches that anyone takes from', () => {
  it.each(['kmalloc-64', 'kmalloc-cg-1k', 'kmalloc-rnd-07-128', 'dma-kmalloc-96'])('are told by name: %s', (name) => {
    expect(isShared(name)).toBe(true);
  });
  it('are not all of like name', () => {
    expect(isShared('kmalloc_cache')).toBe(false);
    expect(isShared('dentry')).toBe(false);
  });
});
