import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const SPEC = { flags: ['8', '16', '32', 'd', 'x', 'S'], values: ['o', 'e'] } as const;

describe('options of the shell', () => {
  it('stand before, between and behind arguments', () => {
    const options = parseOptions('rd', ['-32', 'init_task', '-d', '4'], SPEC);
    expect([options.has('32'), options.has('d'), options.has('x'), options.args]).toEqual([
      true,
      true,
      false,
      ['init_task', '4'],
    ]);
  });

  it('may stand together, and be counted', () => {
    expect(parseOptions('rd', ['-xdS', '-S'], SPEC).count('S')).toBe(2);
  });

  it('take a value that follows or touches', () => {
    expect(parseOptions('rd', ['-o', '8', '-e16'], SPEC).value('o')).toBe('8');
    expect(parseOptions('rd', ['-o', '8', '-e16'], SPEC).value('e')).toBe('16');
    expect(parseOptions('list', ['-s', 'a', '-s', 'b'], { flags: [], values: ['s'] }).all('s')).toEqual(['a', 'b']);
  });

  it('leave numbers below zero alone', () => {
    expect(parseOptions('struct', ['a', '-2'], SPEC).args).toEqual(['a', '-2']);
  });

  it.each([
    [['-q'], 'rd: has no option -q; see help rd'],
    [['-dq'], 'rd: has no option -q; see help rd'],
    [['-o'], 'rd: -o takes a value; see help rd'],
  ])('that are not there are refused: %j', (args, message) => {
    expect(() => parseOptions('rd', args, SPEC)).toThrow(message);
  });
});
