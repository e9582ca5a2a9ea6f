/** Steps over what holds no code. All take and give offsets, and stop at the end of the text. */

const NEWLINE = 10;
const QUOTE = 34;
const APOSTROPHE = 39;
const STAR = 42;
const SLASH = 47;
const BACKSLASH = 92;

/** Behind a comment that begins here; the same offset where none does. */
export function skipComment(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === STAR) {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  if (next !== SLASH) return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Behind a string or character; one that does not end on its line ends there. */
export function skipQuoted(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i++;
    else if (c === quote) return i + 1;
    else if (c === NEWLINE) return i;
  }
  return text.length;
}

/** The end of a preprocessor line, continuations included: offset of its line end. */
export function skipDirective(text: string, at: number): number {
  let i = at;
  for (;;) {
    const end = text.indexOf('\n', i);
    if (end < 0) return text.length;
    // Looked for in this line alone: to the end of the text for each line would take its square.
    const line = text.slice(i, end);
    const comment = line.indexOf('/*');
    if (comment >= 0 && !line.slice(0, comment).includes('//')) {
      i = skipComment(text, i + comment);
      continue;
    }
    const last = text.charCodeAt(end - 1) === 13 ? end - 2 : end - 1;
    if (text.charCodeAt(last) !== BACKSLASH) return end;
    i = end + 1;
  }
}

export const isQuote = (c: number): boolean => c === QUOTE || c === APOSTROPHE;

/** Letters, digits, `_`, `$`. */
export const isWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 36;

/**
 * The offset of the bracket that closes the one at `at`, or undefined where the text ends first. Counts one kind of
 * bracket; comments, strings and preprocessor lines do not count.
 */
export function closingBracket(text: string, at: number, limit: number = text.length): number | undefined {
  const open = text.charCodeAt(at);
  const close = open === 40 ? 41 : open + 2;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (c === open) depth++;
    else if (c === close) {
      if (--depth === 0) return i;
    } else if (isQuote(c)) i = skipQuoted(text, i) - 1;
    else if (c === SLASH) i = Math.max(i, skipComment(text, i) - 1);
  }
  return undefined;
}
