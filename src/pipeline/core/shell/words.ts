import { InputError } from '../../../sources/input-error.ts';

/** A line as it was typed, taken apart. */
export interface ShellLine {
  /** The word and its arguments, without their quotes; none for a comment or an empty line. */
  readonly words: readonly string[];
  /** What stands behind the first `|`, for a real shell. */
  readonly pipe?: string;
  /** Behind `>` or `>>`. */
  readonly redirect?: { readonly file: string; readonly append: boolean };
}

/**
 * Words are parted by blanks. Quotes of both kinds and backslashes keep them together; inside of parentheses blanks, `|`,
 * `<` and `>` belong to the expression, as in `eval (1 << 4 | 3)`. A line that begins with # is a comment. Throws InputError.
 */
export function parseLine(line: string): ShellLine {
  const reader = new LineReader(line.trim());
  if (reader.text.startsWith('#')) return { words: [] };
  const words: string[] = [];
  for (;;) {
    const part = reader.next();
    if (part === undefined) return { words };
    if (part.kind === 'word') words.push(part.text);
    else if (part.text === '|') return { words, pipe: pipeOf(reader.rest()) };
    else return { words, redirect: redirectOf(reader, part.text === '>>') };
  }
}

function pipeOf(rest: string): string {
  if (rest !== '') return rest;
  throw new InputError('|', 'nothing stands behind it', 'give a command, as in kmem -s | grep dentry');
}

function redirectOf(reader: LineReader, append: boolean): { file: string; append: boolean } {
  const file = reader.next();
  const more = reader.next();
  if (file?.kind === 'word' && more === undefined) return { file: file.text, append };
  throw new InputError(append ? '>>' : '>', 'takes one file and ends the line', 'as in ps > tasks.txt');
}

interface Part {
  readonly kind: 'word' | 'operator';
  readonly text: string;
}

const BLANK = /\s/;

class LineReader {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  rest(): string {
    return this.text.slice(this.#at).trim();
  }

  next(): Part | undefined {
    while (BLANK.test(this.#here())) this.#at++;
    const first = this.#here();
    if (first === '') return undefined;
    if (first === '|' || first === '>') {
      this.#at++;
      if (first === '|' || this.#here() !== '>') return { kind: 'operator', text: first };
      this.#at++;
      return { kind: 'operator', text: '>>' };
    }
    return { kind: 'word', text: this.#word() };
  }

  #word(): string {
    let word = '';
    let depth = 0;
    for (let c = this.#here(); c !== ''; c = this.#here()) {
      if (depth === 0 && (BLANK.test(c) || c === '|' || c === '>')) break;
      this.#at++;
      if (c === "'" || c === '"') word += this.#quoted(c);
      else if (c === '\\') word += this.#taken();
      else {
        depth = Math.max(0, depth + (c === '(' ? 1 : c === ')' ? -1 : 0));
        word += c;
      }
    }
    return word;
  }

  #quoted(quote: string): string {
    let text = '';
    for (let c = this.#taken(); c !== quote; c = this.#taken()) {
      if (c === '') throw new InputError(quote, 'does not end', 'close the quotes');
      text += c === '\\' && quote === '"' ? this.#taken() : c;
    }
    return text;
  }

  #here(): string {
    return this.text.charAt(this.#at);
  }

  #taken(): string {
    return this.text.charAt(this.#at++);
  }
}
