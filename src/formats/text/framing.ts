import { cleanLine, type TextLine } from './line.ts';

/** Takes off what a tool put before each line, or undoes what a page did to the ends of lines. */
export type Unframe = (lines: readonly TextLine[]) => TextLine[];

/** `grep -n` and `cat -n`: the number of the line and a colon or a tab. */
const NUMBERED = /^\s{0,10}(\d{1,7})[:\t]/;
/** `grep -H` and `grep` over several files of /proc, with and without `-n`. */
const NAMED =
  /^(?:\S{0,200}\/)?(?:meminfo|slabinfo|vmstat|zoneinfo|buddyinfo|vmallocinfo|pagetypeinfo|modules)[:-](?:\d{1,7}[:-])?(?=[\w#]| {2})/;
/** An amount of meminfo. Several in one line: ends of lines got lost on the way through a page or a chat. */
const AMOUNT = /[A-Z]\w+(?:\([a-z]+\))?:\s+\d[\d., ]*(?: kB\b|(?=\s+[A-Z]\w+(?:\([a-z]+\))?:|\s*$))/g;
const FEWEST_AMOUNTS = 3;
/** So many lines tell; of those so many must look the same: a prompt or a heading may stand between. */
const LOOKED_AT = 400;
const FEWEST = 3;
const MOST_OF = 0.8;

/** How the text is framed, told from its first lines; undefined for a text that stands by itself, as nearly all do. */
export function framingOf(lines: readonly TextLine[]): Unframe | undefined {
  const written = lines.slice(0, LOOKED_AT).filter(({ text, logged }) => logged === undefined && text.trim() !== '');
  const most = Math.max(FEWEST, written.length * MOST_OF);
  if (risingNumbers(written) >= most) return (all) => all.map((line) => without(NUMBERED, line));
  if (written.filter(({ text }) => NAMED.test(text)).length >= most)
    return (all) => all.map((line) => without(NAMED, line));
  return written.some(isJoined) ? splitJoined : undefined;
}

function without(frame: RegExp, line: TextLine): TextLine {
  const bare = line.text.replace(frame, '');
  return bare.length === line.text.length ? line : cleanLine(bare, line.number);
}

/** Lines whose number is above that of the numbered line before it. */
function risingNumbers(lines: readonly TextLine[]): number {
  let last = 0;
  let rising = 0;
  for (const { text } of lines) {
    const number = Number(NUMBERED.exec(text)?.[1] ?? 0);
    if (number > last) rising++;
    if (number > 0) last = number;
  }
  return rising;
}

const isJoined = (line: TextLine): boolean => line.text.includes(' kB ') && amountsIn(line) >= FEWEST_AMOUNTS;

const amountsIn = ({ text }: TextLine): number => text.match(AMOUNT)?.length ?? 0;

/** A line for each amount. A name at the end of a line goes with the amount that begins the next. */
function splitJoined(lines: readonly TextLine[]): TextLine[] {
  const split: TextLine[] = [];
  let rest = '';
  for (const line of lines) {
    const text = rest === '' ? line.text : `${rest} ${line.text.trimStart()}`;
    if (rest === '' && amountsIn(line) < 2) {
      split.push(line);
      continue;
    }
    let end = 0;
    for (const found of text.matchAll(AMOUNT)) {
      // What ends the line without a unit may go on in the next.
      if (found.index + found[0].length === text.length && !found[0].endsWith(' kB')) break;
      split.push({ text: found[0].trimEnd(), number: line.number });
      end = found.index + found[0].length;
    }
    rest = text.slice(end).trim();
  }
  if (rest !== '') split.push({ text: rest, number: lines.at(-1)?.number ?? 1 });
  return split;
}
