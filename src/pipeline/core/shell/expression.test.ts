import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MadeKernel } from '../../../../testkit/made-kernel.ts';
import { outcomeOf } from '../../../../testkit/outcome-of.ts';
import { InputError } from '../../../sources/input-error.ts';
import { evaluate, evaluateCount } from './expression.ts';

const { kernel, symbols } = new MadeKernel(1, {});
symbols.set('init_task', 0xffffffff81a0_0000n).set('add', 0xffffffff8100_0040n);

const number = (text: string): bigint => evaluate(kernel, 'eval', text, 'number');
const address = (text: string): bigint => evaluate(kernel, 'rd', text, 'address');

describe('an expression', () => {
  it.each([
    ['1+1', 2n],
    ['2 + 3 * 4', 14n],
    ['(2 + 3) * 4', 20n],
    ['0x100 * 3', 0x300n],
    ['ff', 0xffn],
    ['10', 10n],
    ['1 << 4 | 3', 19n],
    ['7 & 5 ^ 1', 4n],
    ['100 - 1 - 1', 98n],
    ['100 / 7 % 5', 4n],
    ['~0 >> 60', 15n],
    ['1 << 64', 0n],
    ['-1', 2n ** 64n - 1n],
    ['128m', 2n ** 27n],
    ['0x10k', 16_384n],
    ['init_task + 0x10', 0xffffffff81a0_0010n],
    ['- - 2', 2n],
  ])('of numbers: %s', (text, value) => {
    expect(number(text)).toBe(value);
  });

  it.each([
    ['10', 0x10n],
    ['0x10', 0x10n],
    ['ffff888000000000', 0xffff888000000000n],
    ['FFFF888000000000+10', 0xffff88800000000an],
    ['init_task', 0xffffffff81a0_0000n],
    ['init_task+16', 0xffffffff81a0_0010n],
    ['add', 0xffffffff8100_0040n],
  ])('that is an address begins in hexadecimal: %s', (text, value) => {
    expect(address(text)).toBe(value);
  });

  it.each(['', '1 +', '(1', '1)', '1 2', '1 / 0', '#', 'nosuch', '0x', '1.5', '11112222333344445'])(
    'is refused in one line: %s',
    (text) => {
      expect(() => address(text)).toThrow(InputError);
    },
  );

  it('may be nested, but not without end', () => {
    expect(number(`${'('.repeat(50)}1${')'.repeat(50)}`)).toBe(1n);
    expect(() => number('('.repeat(100_000))).toThrow(InputError);
    expect(() => number('-'.repeat(100_000))).toThrow(InputError);
  });

  it('has 64 bits or is refused, whatever is written', () => {
    const characters = Array.from('019afx+-*/%&|^~<>() kmg_:');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...characters) }), (text) => {
        const value = outcomeOf(() => number(text));
        expect(value instanceof InputError || (typeof value === 'bigint' && value >= 0n && value < 2n ** 64n)).toBe(
          true,
        );
      }),
    );
  });

  it('that counts has its bounds', () => {
    expect(evaluateCount(kernel, 'rd', '0x10', 100)).toBe(16);
    expect(() => evaluateCount(kernel, 'rd', '101', 100)).toThrow('rd: 101 is no count; give a number from 1 to 100');
    expect(() => evaluateCount(kernel, 'rd', '0', 100)).toThrow(InputError);
  });
});
