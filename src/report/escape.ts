/**
 * Names, command lines and log lines come from kernels and from whoever may name a process: they are hostile. Each
 * rendering passes every piece of data through one of these.
 */

/**
 * Control characters (C0, C1, ESC), bidi overrides, zero-width and other format characters, lone surrogates, line and
 * paragraph separators, fillers that show as nothing.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Printable text on one line: `\x1b` and `\u{202e}` stand where the characters did; a tab becomes a blank. */
export const escapeTerminal = (text: string): string => text.replaceAll(INVISIBLE, spellCharacter);

/** As `escapeTerminal`, but line ends stay: for commands and glossary text that have several lines. */
export const escapeTerminalLines = (text: string): string => text.split(/\r?\n/).map(escapeTerminal).join('\n');

function spellCharacter(character: string): string {
  if (character === '\t') return ' ';
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? String.raw`\x${code.toString(16).padStart(2, '0')}` : String.raw`\u{${code.toString(16)}}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attribute values of HTML. */
export const escapeHtml = (text: string): string =>
  escapeTerminalLines(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const NO_COLUMN = /^[\p{Mn}\p{Me}]/u;
const TWO_COLUMNS =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns of a terminal that a text takes: marks take none, East Asian wide characters and emoji two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

export function columnsOfCharacter(character: string): number {
  if (character < '\u0300') return 1;
  return NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1;
}
