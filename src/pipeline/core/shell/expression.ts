import { perCpu, possibleCpus } from '../../../model/kernel/cpus.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { InputError } from '../../../sources/input-error.ts';

/** Whether digits without 0x are hexadecimal, as in addresses, or decimal, as in counts. */
export type Reading = 'address' | 'number';

const TOKEN = /\s*(0x[0-9a-f]+[kmgt]?|<<|>>|[-+*/%&|^~()]|[\w.$]+(?::\d+)?)/iy;
const SUFFIXES: Readonly<Record<string, bigint>> = { k: 2n ** 10n, m: 2n ** 20n, g: 2n ** 30n, t: 2n ** 40n };
/** By binding strength, as in C. */
const OPERATORS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];
const DEEPEST = 100;

/**
 * The value of an expression as 64 bits: numbers, symbols, `runqueues:1` for the copy of a CPU, + - * / % & | ^ ~ << >>
 * and parentheses. A number alone is read as `reading` says; behind an operator digits are decimal unless they have letters
 * in them or 0x before them. A name that is a number too, such as `add`, is a symbol where there is one. Throws InputError
 * for `word`.
 */
export function evaluate(kernel: Kernel, word: string, text: string, reading: Reading): bigint {
  return new Evaluation(kernel, word, text, reading).value();
}

/** A count: of words, of objects. Throws InputError. */
export function evaluateCount(kernel: Kernel, word: string, text: string, most: number): number {
  const count = evaluate(kernel, word, text, 'number');
  if (count >= 1n && count <= BigInt(most)) return Number(count);
  throw new InputError(word, `${text} is no count`, `give a number from 1 to ${most}`);
}

class Evaluation {
  readonly #kernel: Kernel;
  readonly #word: string;
  readonly #text: string;
  readonly #tokens: readonly string[];
  readonly #reading: Reading;
  #at = 0;
  #depth = 0;

  constructor(kernel: Kernel, word: string, text: string, reading: Reading) {
    this.#kernel = kernel;
    this.#word = word;
    this.#text = text;
    this.#reading = reading;
    this.#tokens = this.#split();
  }

  value(): bigint {
    const value = this.#binary(0);
    if (this.#at < this.#tokens.length) throw this.#error(`${this.#tokens[this.#at] ?? ''} is not expected there`);
    return BigInt.asUintN(64, value);
  }

  #split(): readonly string[] {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    for (let end = 0; end < this.#text.trimEnd().length; end = TOKEN.lastIndex) {
      TOKEN.lastIndex = end;
      const token = TOKEN.exec(this.#text)?.[1];
      if (token === undefined) throw this.#error(`what is ${this.#text.slice(end).trim()}`);
      tokens.push(token);
    }
    return tokens;
  }

  #binary(level: number): bigint {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#at];
      if (operator === undefined || !operators.includes(operator)) return left;
      this.#at++;
      left = BigInt.asUintN(64, this.#apply(operator, left, this.#binary(level + 1)));
    }
  }

  #apply(operator: string, left: bigint, right: bigint): bigint {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '&':
        return left & right;
      case '|':
        return left | right;
      case '^':
        return left ^ right;
      case '<<':
        return right > 63n ? 0n : left << right;
      case '>>':
        return right > 63n ? 0n : left >> right;
      default:
        if (right === 0n) throw this.#error('divides by zero');
        return operator === '/' ? left / right : left % right;
    }
  }

  #unary(): bigint {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error('ends too early');
    if (++this.#depth > DEEPEST) throw this.#error('is too deep');
    try {
      if (token === '-') return BigInt.asUintN(64, -this.#unary());
      if (token === '~') return BigInt.asUintN(64, ~this.#unary());
      if (token !== '(') return this.#atom(token);
      const inside = this.#binary(0);
      if (this.#tokens[this.#at++] !== ')') throw this.#error('has a parenthesis that is not closed');
      return inside;
    } finally {
      this.#depth--;
    }
  }

  #atom(token: string): bigint {
    const [name = '', cpu] = token.split(':');
    const symbol = /^[A-Za-z_.$]/.test(name) ? this.#kernel.symbols.find(name) : undefined;
    if (symbol !== undefined) return cpu === undefined ? symbol : this.#ofCpu(symbol, Number(cpu));
    const number = /^(0x)?([0-9a-f]+?)([kmgt]?)$/i.exec(token);
    if (!number) throw new InputError(this.#word, `no symbol ${name}`, `sym -q ${name} looks for names like it`);
    const [, prefix, digits = '', suffix = ''] = number;
    // The first number of an address is hexadecimal; of `init_task+16` the sixteen is not.
    const hex = prefix !== undefined || /[a-f]/i.test(digits) || (this.#reading === 'address' && this.#at === 1);
    const value = BigInt(hex ? `0x${digits}` : digits) * (SUFFIXES[suffix.toLowerCase()] ?? 1n);
    if (value >= 2n ** 64n) throw this.#error(`${token} has more than 64 bits`);
    return value;
  }

  #ofCpu(symbol: bigint, number: number): bigint {
    const cpu = possibleCpus(this.#kernel).find((candidate) => candidate.number === number);
    if (cpu) return perCpu(symbol, cpu);
    throw new InputError(this.#word, `no CPU ${number}`, 'kmem -o lists them');
  }

  #error(problem: string): InputError {
    return new InputError(this.#word, `${this.#text}: ${problem}`, 'see help eval');
  }
}
