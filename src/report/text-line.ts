import { columnsOf, columnsOfCharacter, escapeTerminal } from './escape.ts';

export type Style = 'plain' | 'strong' | 'faint' | 'leak' | 'growth' | 'fine' | 'unsure' | 'mark' | 'name';

/** A piece of a line. Only `span` makes one, so that no line holds a character that a terminal would act on. */
export class Span {
  readonly text: string;
  readonly style: Style;
  readonly columns: number;

  constructor(text: string, style: Style) {
    this.text = escapeTerminal(text);
    this.style = style;
    this.columns = columnsOf(this.text);
  }
}

export type Line = readonly Span[];

export const span = (text: string, style: Style = 'plain'): Span => new Span(text, style);

/** Figures stay with their unit: `92.7 GiB`, `74 %`. */
const GAP = / (?!(?:B|[KMGTP]iB|%|million|billion|UTC)(?![\w-]))/;

/** A text in words, to be wrapped; runs of blanks count as one. */
export const words = (text: string, style: Style = 'plain'): readonly Span[] =>
  escapeTerminal(text)
    .replaceAll(/\s+/g, ' ')
    .split(GAP)
    .filter((word) => word.trim() !== '')
    .map((word) => span(word, style));

export const lineColumns = (line: Line): number => line.reduce((sum, { columns }) => sum + columns, 0);

/** Blanks up to a column. */
export const pad = (columns: number): Span => span(' '.repeat(Math.max(0, columns)));

/**
 * Lays words out after `first`, one blank between two, at most `width` columns; later lines are indented by the
 * columns of `first`, or by `hang`. A word that fits no line is broken.
 */
export function wrap(first: Line, text: readonly Span[], width: number, hang: number = lineColumns(first)): Line[] {
  const lines: Line[] = [];
  const room = Math.max(8, width - hang);
  let line: Span[] = [...first];
  let used = lineColumns(first);
  let fresh = true;
  for (const word of text.flatMap((w) => broken(w, room))) {
    if (!fresh && used + 1 + word.columns > width) {
      lines.push(line);
      line = [pad(hang)];
      used = hang;
      fresh = true;
    }
    if (!fresh) line.push(span(' '));
    line.push(word);
    used += word.columns + (fresh ? 0 : 1);
    fresh = false;
  }
  return [...lines, line];
}

/** A word in pieces that fit; usually one. Addresses and paths break anywhere: there is no good place. */
function broken(word: Span, room: number): readonly Span[] {
  if (word.columns <= room) return [word];
  const pieces: Span[] = [];
  let piece = '';
  let columns = 0;
  for (const character of word.text) {
    const more = columnsOfCharacter(character);
    if (columns + more > room) {
      pieces.push(span(piece, word.style));
      piece = '';
      columns = 0;
    }
    piece += character;
    columns += more;
  }
  return [...pieces, span(piece, word.style)];
}

/** At most `columns`, with `…` where something is missing. */
export function clip(text: string, columns: number): string {
  const whole = escapeTerminal(text);
  if (columnsOf(whole) <= columns) return whole;
  let kept = '';
  let used = 1;
  for (const character of whole) {
    used += columnsOfCharacter(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  leak: '1;31',
  growth: '1;33',
  fine: '1;32',
  unsure: '1;36',
  mark: '33',
  name: '36',
};

/** The lines as a terminal, or a file without colour, takes them; no blanks at the end of a line. */
export function printLines(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => `${printLine(line, colour)}\n`).join('');
}

function printLine(line: Line, colour: boolean): string {
  const plain = line.map(({ text }) => text).join('');
  if (!colour) return plain.trimEnd();
  const end = plain.trimEnd().length;
  let at = 0;
  return line
    .map(({ text, style }) => {
      const kept = text.slice(0, Math.max(0, end - at));
      at += text.length;
      return kept === '' || CODES[style] === '' ? kept : `\u001B[${CODES[style]}m${kept}\u001B[0m`;
    })
    .join('');
}
