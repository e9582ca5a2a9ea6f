import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { evaluate } from './expression.ts';
import type { ShellWord } from './word.ts';

export const evalWord: ShellWord = {
  name: 'eval',
  usage: ['eval [-b] EXPRESSION'],
  summary: 'a number in every base',
  help: [
    '-b  also the numbers of the bits that are set',
    'Numbers are decimal, hexadecimal with 0x or where they have letters in them; k, m, g and t behind them multiply.',
    'Symbols, symbol:CPU for a per-CPU one, + - * / % & | ^ ~ << >> and parentheses, with the strength that C gives them.',
    'An expression with |, < or > in it stands in parentheses or quotes: eval (1 << 4 | 3).',
  ],
  completes: ['symbol'],
  *run({ session }, args) {
    const bits = args[0] === '-b';
    const text = (bits ? args.slice(1) : args).join(' ');
    if (text === '') throw new InputError('eval', 'nothing was asked', 'give an expression, as in eval 0x100 * 3');
    yield { kind: 'number', value: spell(evaluate(session.kernel, 'eval', text, 'number')), bits };
  },
};
