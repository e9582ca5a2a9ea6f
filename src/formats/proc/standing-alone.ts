import { promptedCommand, type TextLine } from '../text/line.ts';

/** An input with more lines than this (blank ones apart) is a longer text, and no single line of it stands alone. */
const FEW = 3;
/** `==> /proc/uptime <==`, as head and tail write it, and `/proc/uptime:` on a line of its own. */
const HEADING = /^\s*(?:==> (\S{1,200}) <==|(\/(?:proc|sys)\/\S{1,200}):)\s*$/;

/**
 * Whether a line that only its shape identifies may be taken for what it looks like: it is all there is in the input,
 * or the line before it is a prompt or a heading that names the file.
 */
export function standsAlone(lines: readonly TextLine[], at: number, name: RegExp): boolean {
  return isNamed(lines, at, name) || isWholeInput(lines, FEW);
}

/** Whether the nearest line before it, blank ones apart, is a prompt or a heading that names the file. */
export function isNamed(lines: readonly TextLine[], at: number, name: RegExp): boolean {
  const before = lines[at - 1]?.text.trim() === '' ? lines[at - 2] : lines[at - 1];
  if (before === undefined) return false;
  const heading = HEADING.exec(before.text);
  const source = heading ? (heading[1] ?? heading[2]) : promptedCommand(before.text);
  return source !== undefined && name.test(source.slice(0, 500));
}

/** Whether the lines are a whole input, from its first line on, with at most `most` lines that are not blank. */
export function isWholeInput(lines: readonly TextLine[], most: number): boolean {
  if (lines.length > most * 4 || lines[0]?.number !== 1) return false;
  return lines.filter((line) => line.text.trim() !== '').length <= most;
}
