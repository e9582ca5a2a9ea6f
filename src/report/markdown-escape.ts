import { escapeTerminal, escapeTerminalLines } from './escape.ts';

/** What can start markup inside a line, or what an issue tracker turns into a link, a mention, a reference, a formula. */
const SPECIAL = /[\\`*_{}[\]<>|~&$@^#]|[a-z]:\S|:[a-z]+:|:\/\/|www\.|GH-\d|![\d[]|%[\w"]/i;
/** What starts a block (list, heading, quote, rule) where it stands first in a line. */
const STARTS_BLOCK = /^(?:[-+=:>~#*]+|\d+[.)])$/;

/**
 * Data as running text. Words that could be read as markup become code spans: nothing is interpreted in one, by no
 * dialect, while backslashes do not stop mentions and bare links; and names of kernel things read well that way.
 */
export function markdownText(text: string): string {
  const words = escapeTerminal(text).trim().split(/\s+/);
  return words
    .map((word, i) => ((i === 0 && STARTS_BLOCK.test(word)) || SPECIAL.test(word) ? codeInSentence(word) : word))
    .join(' ');
}

/** Punctuation around a word stays outside of the code span; `foo()` keeps its parentheses, `(foo)` does not. */
function codeInSentence(word: string): string {
  const start = /^[("]*/.exec(word)?.[0].length ?? 0;
  let end = word.length;
  while (end > start && ',.;:)"?'.includes(word.charAt(end - 1)) && word.slice(end - 2, end) !== '()') end--;
  if (end === start) return markdownCode(word);
  return word.slice(0, start) + markdownCode(word.slice(start, end)) + word.slice(end);
}

/** Data as a code span. A fence longer than any run of backticks inside; `|` escaped, for it would end a table's cell. */
export function markdownCode(text: string): string {
  const inner = escapeTerminal(text).trim();
  if (inner === '') return '';
  const fence = '`'.repeat(longestRun(inner) + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') ? ' ' : '';
  return fence + pad + inner + pad + fence;
}

/** Data as a fenced block; `indent` is for blocks inside list items. */
export function markdownBlock(text: string, language: string, indent: string = ''): string {
  const inner = escapeTerminalLines(text);
  const fence = '`'.repeat(Math.max(3, longestRun(inner) + 1));
  return [`${fence}${language}`, ...inner.split('\n'), fence].map((line) => indent + line).join('\n');
}

/**
 * A cell of a table: `|` ends one even inside of a code span, unless one backslash stands before it. Where data brings
 * backslashes of its own, dialects disagree on how to count them, so the bar is spelled out.
 */
export const markdownCell = (markdown: string): string =>
  markdown.replaceAll(/(\\*)\|/g, (_, own: string) => (own === '' ? String.raw`\|` : String.raw`${own}\x7c`));

/** A reference as a link where it is a plain web address; else as code. */
export const markdownReference = (reference: string): string =>
  isWebAddress(reference) ? `<${reference}>` : markdownCode(reference);

/** An http(s) address of harmless characters only. */
export const isWebAddress = (text: string): boolean =>
  /^https?:\/\/[a-z0-9.-]+(?::\d+)?(?:[/?#][\w.~/?=&%#:+,;@!$()-]*)?$/i.test(text);

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
