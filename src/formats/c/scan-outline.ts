import type { Problem } from '../../base/errors.ts';
import { ConditionalStack, constantCondition } from './conditionals.ts';
import { readHead, splitArguments } from './function-head.ts';
import type { FunctionOutline, MacroUse, Outline, TableOutline } from './outline.ts';
import { readTables } from './read-table.ts';
import { isQuote, isWord, skipComment, skipDirective, skipQuoted } from './skip.ts';

/** Offsets are into the text, which has a character for each byte of the file. */
export function scanOutline(text: string, file: string): Outline {
  return new Scanner(text, file).scan();
}

const PROBLEMS = 20;
/** Heads longer than this are no heads. */
const HEAD = 8192;

class Scanner {
  readonly #text: string;
  readonly #file: string;
  readonly #functions: FunctionOutline[] = [];
  readonly #tables: TableOutline[] = [];
  readonly #macros: MacroUse[] = [];
  readonly #problems: Problem[] = [];
  #item = 0;
  #parens = 0;
  #assigned = false;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  scan(): Outline {
    const text = this.#text;
    const length = text.length;
    let i = 0;
    while (i < length) i = this.#step(text.charCodeAt(i), i);
    return { functions: this.#functions, tables: this.#tables, macros: this.#macros, problems: this.#problems };
  }

  #step(c: number, i: number): number {
    const text = this.#text;
    if (isWord(c)) {
      let end = i + 1;
      while (isWord(text.charCodeAt(end))) end++;
      return end;
    }
    switch (c) {
      case 47: // a comment, or a division
        return Math.max(i + 1, skipComment(text, i));
      case 34:
      case 39:
        return skipQuoted(text, i);
      case 35:
        return this.#directive(i);
      case 40:
        this.#parens++;
        return i + 1;
      case 41:
        if (this.#parens > 0) this.#parens--;
        return i + 1;
      case 61:
        if (this.#parens === 0) this.#assigned = true;
        return i + 1;
      case 59:
        if (this.#parens > 0) return i + 1;
        this.#macro(i);
        return this.#next(i + 1);
      case 125:
        return this.#next(i + 1);
      case 123:
        return this.#brace(i);
      default:
        return i + 1;
    }
  }

  #next(at: number): number {
    this.#item = at;
    this.#parens = 0;
    this.#assigned = false;
    return at;
  }

  /** At the top level directives only separate; what `#if 0` leaves out is not looked at. */
  #directive(i: number): number {
    const end = skipDirective(this.#text, i);
    const blank = this.#text.slice(this.#item, i).trim() === '';
    if (/^#\s*if\b/.test(this.#text.slice(i, i + 40))) {
      const condition = this.#text.slice(i, end).replace(/^#\s*if/, '');
      if (constantCondition(condition) === false) return skipBranch(this.#text, end);
    }
    if (blank) this.#item = end;
    return end;
  }

  #brace(i: number): number {
    const text = this.#text;
    const head = text.slice(Math.max(this.#item, i - HEAD), i);
    if (this.#parens > 0) {
      // A bracket was left open: what stands here is unknown, and begins anew behind the block.
      const end = closingBrace(text, i, false);
      return this.#next(end === undefined ? i + 1 : end + 1);
    }
    if (!this.#assigned && /\bextern\s+"C"\s*$/.test(head)) return this.#next(i + 1);
    const found = this.#assigned ? undefined : readHead(head);
    const end = closingBrace(text, i, false) ?? this.#torn(i, found?.name);
    if (end === undefined) return text.length;
    if (found) {
      const at = i - head.length + (/\S/.exec(withoutNoise(head))?.index ?? 0);
      const calls = namesCalled(text, i, end);
      this.#functions.push({ ...found, at, start: i, end: end + 1, calls });
      return this.#next(end + 1);
    }
    if (this.#assigned) this.#tables.push(...readTables(text, i - head.length, i, end));
    this.#assigned = false;
    return end + 1;
  }

  /** Braces that do not close: the kernel's style has the last one of a function at the beginning of a line. */
  #torn(i: number, name: string | undefined): number | undefined {
    const end = closingBrace(this.#text, i, true);
    const what = name === undefined ? 'a block' : `${name}()`;
    const problem = `braces of ${what} do not close${end === undefined ? '; nothing behind was read' : ''}`;
    this.#tell(problem, i);
    return end;
  }

  #tell(problem: string, at: number): void {
    if (this.#problems.length >= PROBLEMS) return;
    this.#problems.push({ problem, at: { kind: 'line', file: this.#file, line: lineAt(this.#text, at) } });
  }

  #macro(end: number): void {
    const item = this.#text.slice(this.#item, Math.min(end, this.#item + 400));
    const [, name, args = ''] = /^\s*(?:static\s+)?([A-Za-z_]\w*)\s*\(([^]*)\)\s*$/.exec(withoutNoise(item)) ?? [];
    if (name === undefined || this.#assigned) return;
    const at = this.#item + item.search(/\S/);
    this.#macros.push({ name, args: splitArguments(args), at });
  }
}

/** Names before an opening bracket. A search for brackets is several times as fast as one for names. */
function namesCalled(text: string, from: number, to: number): ReadonlySet<string> {
  const names = new Set<string>();
  for (let open = text.indexOf('(', from); open >= 0 && open < to; open = text.indexOf('(', open + 1)) {
    let end = open;
    while (end > from && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
    let start = end;
    while (start > from && isWord(text.charCodeAt(start - 1))) start--;
    while (start < end && isDigit(text.charCodeAt(start))) start++;
    if (start < end) names.add(text.slice(start, end));
  }
  return names;
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57;

/** Comments and directives as blanks of the same length. */
const withoutNoise = (text: string): string =>
  /[/#]/.test(text)
    ? text.replaceAll(/\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*|^[ \t]*#[^\n]*/gm, (noise) => ' '.repeat(noise.length))
    : text;

/** 1 for the first line. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** The end of the branch of #if that begins here: the directive that ends it is not part of it. */
export function skipBranch(text: string, from: number): number {
  const directive = /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b/gm;
  directive.lastIndex = from;
  let depth = 0;
  for (let found = directive.exec(text); found; found = directive.exec(text)) {
    const [line, word = ''] = found;
    if (word.startsWith('if')) depth++;
    else if (word === 'endif' && depth > 0) depth--;
    else if (depth === 0) return found.index + line.indexOf('#');
  }
  return text.length;
}

/**
 * The brace that closes the one at `at`. Branches of #if are counted once. `byLine`: the first brace at the beginning of a
 * line does, whatever was counted.
 */
export function closingBrace(text: string, at: number, byLine: boolean): number | undefined {
  if (byLine) {
    const end = text.indexOf('\n}', at);
    return end < 0 ? undefined : end + 1;
  }
  const branches = new ConditionalStack<number>();
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 123) depth++;
    else if (c === 125) {
      if (--depth <= 0) return i;
    } else if (c === 47) i = Math.max(i, skipComment(text, i) - 1);
    else if (isQuote(c)) i = skipQuoted(text, i) - 1;
    else if (c === 35 && beginsLine(text, i)) {
      const end = skipDirective(text, i);
      [depth, i] = turn(text, i, end, depth, branches);
    }
  }
  return undefined;
}

function turn(
  text: string,
  from: number,
  end: number,
  depth: number,
  branches: ConditionalStack<number>,
): [depth: number, at: number] {
  const [, word = '', condition = ''] = /^#\s*(\w*)([^]*)/.exec(text.slice(from, end)) ?? [];
  switch (word) {
    case 'if':
      branches.begin(depth);
      return [depth, constantCondition(condition) === false ? skipBranch(text, end) - 1 : end];
    case 'ifdef':
    case 'ifndef':
      branches.begin(depth);
      return [depth, end];
    case 'else':
    case 'elif':
      return [branches.turn(depth), end];
    case 'endif':
      return [branches.end(depth), end];
    default:
      return [depth, end];
  }
}

function beginsLine(text: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i--;
  return i < 0 || text.charCodeAt(i) === 10;
}
